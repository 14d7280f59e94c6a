"""What an MQTT message carries besides topic and payload, as far as the contract looks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Envelope:
    """Of one message that arrived.

    Attributes:
        retained: whether it is, or was published to be, a retained message.
        expiry_s: MQTT 5 Message Expiry, what is left of it; None without, and over 3.1.1.
        response_topic: MQTT 5 Response Topic; empty without. The sender's wish, unchecked.
        correlation: MQTT 5 Correlation Data; empty without.
    """

    retained: bool = False
    expiry_s: int | None = None
    response_topic: str = ""
    correlation: bytes = b""


PLAIN = Envelope()
"""Nothing besides."""
