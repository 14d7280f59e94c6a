"""A parcel: one sample or event as the spool keeps it and the sink sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import msgspec

from gleancam.wire.cloudevent import SPEC_VERSION, Envelope, binary, structured
from gleancam.wire.message import Message
from gleancam.wire.picture import sample_of
from gleancam.wire.schema_id import schema_id
from gleancam.wire.times import rfc3339
from gleancam.wire.topics import Topics

ALWAYS_WANTED = 4.0
"""The `value` of what is evicted last; above any cosine distance (0…2)."""

JPEG: Final = "image/jpeg"

Kind: TypeAlias = Literal["sample", "event", "manifest", "picture"]
"""What a parcel is: a sample with its picture; an event; a sample's manifest, whose picture stays
on the device until it is asked for; such a picture, which has an id of its own (`picture.py`)."""

Lane: TypeAlias = Literal["live", "historical", "tombstone"]
"""How a parcel is queued: live first, historical now and then, word of losses before both."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is delivered as one, and deduplicated by one id.

    Attributes:
        parcel_id: the sample's or event's id; a picture's own (`picture.py`).
        captured_ns: UTC nanoseconds.
        data: JSON, the same bytes at every delivery; a picture keeps that of its sample.
        image: JPEG; None for events. With a manifest it is stored, and not sent.
        value: lower is evicted first: the distance to what was kept before, or `ALWAYS_WANTED`.
        lane: decides how soon it is sent, and says what must not be evicted.
    """

    parcel_id: str
    kind: Kind
    camera_id: str
    captured_ns: int
    data: bytes
    image: bytes | None
    value: float
    lane: Lane = "live"


def messages(
    parcel: Parcel, topics: Topics, *, attempt: int, spooled_s: float, mqtt5: bool
) -> tuple[Message, ...]:
    """Return what to publish, in order: the image, if it is sent, then the manifest or event.

    `attempt` is 1 for the first delivery; `spooled_s` is how long the parcel waited on the device,
    sent as whole seconds; on MQTT 5 attributes are user properties, else it is structured JSON.

    Raises:
        WireError: an id of the parcel is none.
    """
    if parcel.kind == "picture":
        return (_image(parcel, topics),)
    envelope = _envelope(parcel, topics, attempt, spooled_s)
    topic = (topics.event if parcel.kind == "event" else topics.sample)(parcel.camera_id)
    manifest = (binary if mqtt5 else structured)(topic, envelope)
    if parcel.image is None or parcel.kind == "manifest":
        return (manifest,)
    return _image(parcel, topics), manifest


def _image(parcel: Parcel, topics: Topics) -> Message:
    where = topics.image(parcel.camera_id, sample_of(parcel.parcel_id))
    return Message(where, parcel.image or b"", content_type=JPEG)


def _envelope(parcel: Parcel, topics: Topics, attempt: int, spooled_s: float) -> Envelope:
    kind: Literal["sample", "event"] = "event" if parcel.kind == "event" else "sample"
    return Envelope(
        specversion=SPEC_VERSION,
        id=parcel.parcel_id,
        source=topics.camera(parcel.camera_id),
        type=f"gleancam.{kind}.v1",
        time=rfc3339(parcel.captured_ns),
        dataschema=schema_id(kind),
        attempt=attempt,
        spooledseconds=max(0, int(spooled_s)),
        data=msgspec.Raw(parcel.data),
    )
