"""One MQTT message, before any client library sees it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """A publication, always at QoS 1: what may be lost is not worth sending.

    Attributes:
        content_type: MQTT 5 content type; dropped on 3.1.1.
        user_properties: MQTT 5 user properties, in order; dropped on 3.1.1.
        expiry_s: MQTT 5 Message Expiry in seconds; None: never; dropped on 3.1.1.
        response_topic: MQTT 5 Response Topic; dropped on 3.1.1.
        correlation: MQTT 5 Correlation Data; dropped on 3.1.1.
    """

    topic: str
    payload: bytes
    retain: bool = False
    content_type: str = ""
    user_properties: tuple[tuple[str, str], ...] = ()
    expiry_s: int | None = None
    response_topic: str = ""
    correlation: bytes = b""
