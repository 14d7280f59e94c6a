"""The parcels of the model: real ones, as the real messages that carry them."""

from __future__ import annotations

import dataclasses
import functools

from gleancam.wire.message import Message
from gleancam.wire.parcel import Parcel, messages
from gleancam.wire.topics import Topics
from parcels import made_parcel
from protocol.numbering import HELD_FROM, is_picture, name

TOPICS = Topics("gleancam", "site", "device")


@functools.cache
def packets(number: int, parts: int) -> tuple[Message, ...]:
    """Return what carries a parcel: image and manifest, or, in one part, an event.

    A manifest whose picture is held, and such a picture, are one message each.
    """
    found = messages(_parcel(number, parts), TOPICS, attempt=1, spooled_s=0, mqtt5=True)
    assert len(found) == parts_of(number, parts)
    return found


def parts_of(number: int, parts: int) -> int:
    """Return how many messages carry a parcel, where samples have `parts`."""
    return 1 if number >= HELD_FROM else parts


def _parcel(number: int, parts: int) -> Parcel:
    made = dataclasses.replace(made_parcel(number, image_bytes=10), parcel_id=name(number))
    if number >= HELD_FROM:
        return dataclasses.replace(made, kind="picture" if is_picture(number) else "manifest")
    return made if parts > 1 else dataclasses.replace(made, kind="event", image=None)
