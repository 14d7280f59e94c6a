"""CloudEvents 1.0 over MQTT: binary mode on MQTT 5, structured JSON on 3.1.1, and back.

CloudEvents v1.0.2, "MQTT Protocol Binding" and "JSON Event Format". Attribute names are lower-case
letters and digits; there is no floating-point attribute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from gleancam.wire.codec import JSON, decode, encode, readable
from gleancam.wire.error import WireError
from gleancam.wire.message import Message

STRUCTURED = "application/cloudevents+json"
SPEC_VERSION = "1.0"
LIMIT_BYTES = 4 * 1024 * 1024
"""The longest manifest or event a reader takes."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A structured event. `data` keeps its bytes as they are.

    Attributes:
        attempt: extension: 1 for the first delivery.
        spooledseconds: extension: how long it waited on the device, whole seconds.
    """

    specversion: str
    id: str
    source: str
    type: str
    time: str
    dataschema: str
    attempt: int
    spooledseconds: int
    datacontenttype: str = JSON
    data: msgspec.Raw


_ATTRIBUTES = tuple(
    name for name in Envelope.__struct_fields__ if name not in {"data", "datacontenttype"}
)


@readable
class _Structured(msgspec.Struct, frozen=True):
    specversion: str | None = None
    id: str = ""
    type: str = ""
    data: msgspec.Raw = msgspec.Raw(b"")


@dataclass(frozen=True, slots=True)
class Opened:
    """An event out of its envelope.

    Attributes:
        id: empty when the envelope was lost on the way (MQTT 5 publisher, 3.1.1 subscriber).
        type: empty when the envelope was lost.
        data: the JSON inside.
    """

    id: str
    type: str
    data: bytes


def binary(topic: str, envelope: Envelope) -> Message:
    """Return the event with its attributes as user properties and `data` as payload (MQTT 5)."""
    properties = tuple((name, str(getattr(envelope, name))) for name in _ATTRIBUTES)
    content_type = envelope.datacontenttype
    return Message(
        topic, bytes(envelope.data), content_type=content_type, user_properties=properties
    )


def structured(topic: str, envelope: Envelope) -> Message:
    """Return the event as one JSON object (MQTT 3.1.1)."""
    return Message(topic, encode(envelope), content_type=STRUCTURED)


def open_event(payload: bytes, user_properties: Iterable[tuple[str, str]]) -> Opened:
    """Take an event out of its envelope, whichever mode it was sent in.

    A message without attributes, as a 3.1.1 subscriber gets it from an MQTT 5 publisher, is data.

    Raises:
        WireError: too long, no JSON object, or another version of CloudEvents.
    """
    attributes: Mapping[str, str] = dict(user_properties)
    if "specversion" in attributes:
        _check_version(attributes["specversion"])
        return Opened(attributes.get("id", ""), attributes.get("type", ""), payload)
    event = decode(payload, _Structured, limit_bytes=LIMIT_BYTES)
    if event.specversion is None:
        return Opened("", "", payload)
    _check_version(event.specversion)
    return Opened(event.id, event.type, bytes(event.data))


def _check_version(version: str) -> None:
    if version != SPEC_VERSION:
        raise WireError(f"CloudEvents specversion must be {SPEC_VERSION}, but is {version[:20]!r}")
