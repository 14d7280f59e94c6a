"""One message as the broker brought it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came.

    Attributes:
        received_ns: UTC nanoseconds.
        retained: the broker had kept it from before we subscribed.
        content_type: MQTT 5; empty without.
        correlation: MQTT 5 Correlation Data; empty without.
    """

    topic: str
    payload: bytes
    user_properties: tuple[tuple[str, str], ...]
    received_ns: int
    retained: bool = False
    content_type: str = ""
    correlation: bytes = b""
