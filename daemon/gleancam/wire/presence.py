"""Presence: whether a consumer is there to take samples."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from gleancam.wire.address import parse_ingest_topic
from gleancam.wire.codec import JSON, decode, encode, readable
from gleancam.wire.fields import Payload, Time
from gleancam.wire.message import Message
from gleancam.wire.times import rfc3339
from gleancam.wire.topics import INGEST, VERSION, checked_id

LIMIT_BYTES = 4096


@readable
class PresenceData(Payload, frozen=True, kw_only=True):
    """Payload of `ingest/{consumer}/status`: retained, and the consumer's will."""

    online: Annotated[bool, Meta(description="Devices hold what they have while nobody is.")]
    ts: Annotated[Time, Meta(description="When it was written; a will is written at CONNECT.")]


def parse_presence(topic: str, payload: bytes) -> tuple[str, bool]:
    """Return the consumer's name and whether it is online; an empty payload is a cleared topic.

    Raises:
        WireError: another topic, or a payload of another shape.
    """
    consumer = parse_ingest_topic(topic).consumer
    if not payload:
        return consumer, False
    return consumer, decode(payload, PresenceData, limit_bytes=LIMIT_BYTES).online


def presence_message(prefix: str, site: str, consumer: str, *, online: bool, ts_ns: int) -> Message:
    """Return the retained presence of one consumer.

    Raises:
        WireError: a name is no id.
    """
    for what, value in (("prefix", prefix), ("site", site), ("consumer", consumer)):
        checked_id(value, what)
    payload = encode(PresenceData(online=online, ts=rfc3339(ts_ns)))
    topic = f"{prefix}/{VERSION}/{site}/{INGEST}/{consumer}/status"
    return Message(topic, payload, retain=True, content_type=JSON)
