"""The parcels of the model: real ones, as the real messages that carry them."""

from __future__ import annotations

import dataclasses
import functools

from gleancam.wire.message import Message
from gleancam.wire.parcel import messages
from gleancam.wire.topics import Topics
from parcels import made_parcel

TOPICS = Topics("gleancam", "site", "device")


def name(number: int) -> str:
    return f"parcel-{number}"


def number(parcel_id: str) -> int:
    return int(parcel_id.rpartition("-")[2])


@functools.cache
def packets(parcel: int, parts: int) -> tuple[Message, ...]:
    """Return what carries a parcel: image and manifest, or, in one part, an event."""
    made = made_parcel(parcel, image_bytes=10)
    if parts == 1:
        made = dataclasses.replace(made, kind="event", image=None)
    found = messages(made, TOPICS, attempt=1, spooled_s=0, mqtt5=True)
    assert len(found) == parts
    return found
