"""A parcel made again of what it delivers, where the queue has forgotten what it was."""

from __future__ import annotations

import msgspec

from gleancam.wire.error import WireError
from gleancam.wire.event import LOST
from gleancam.wire.parcel import ALWAYS_WANTED, Kind, Lane, Parcel
from gleancam.wire.times import nanoseconds


class _Image(msgspec.Struct, frozen=True):
    delivery: str = ""


class _Said(msgspec.Struct):
    """What any sample's or event's data says of itself."""

    camera: str
    captured: str = ""
    at: str = ""
    sample_id: str = ""
    event_id: str = ""
    event: str = ""
    historical: bool = False
    image: _Image = _Image()


def restored(data: bytes, image: bytes | None) -> Parcel | None:
    """Return the parcel of a manifest or event and its picture; None when it cannot be told.

    A picture that was held becomes the manifest it belongs to: that is sent again, and known.
    Its value is unknown, so it is evicted last. Whether the bytes are those that were written is
    for the caller to judge.
    """
    try:
        said = msgspec.json.decode(data, type=_Said)
        captured_ns = nanoseconds(said.captured or said.at)
    except (msgspec.MsgspecError, WireError, UnicodeDecodeError):
        return None
    lane: Lane = "historical" if said.historical else "live"
    if said.event == LOST:
        lane = "tombstone"
    kind: Kind = "event"
    if said.sample_id:
        kind = "manifest" if said.image.delivery == "held" else "sample"
    name = said.sample_id or said.event_id
    return Parcel(name, kind, said.camera, captured_ns, data, image, ALWAYS_WANTED, lane)
