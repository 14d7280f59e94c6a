"""The lines of a folder dataset's two journals."""

from __future__ import annotations

import msgspec

from gleancam_upstream.arrivals import EventArrived, PictureArrived, SampleArrived, StatusArrived


class IndexLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `index.jsonl`.

    Attributes:
        received_ns: UTC nanoseconds, when the sample was complete here.
        acked_ns: UTC nanoseconds, when it was on disk; its acknowledgement leaves right after this
            line is.
        bytes: of image, if it came with it, and manifest together.
    """

    sample_id: str
    site: str
    device: str
    camera: str
    captured: str
    received_ns: int
    acked_ns: int
    bytes: int
    reason: str
    score: float | None


class PictureLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `pictures.jsonl`: a picture that was asked for, written after its sample.

    Attributes:
        received_ns: UTC nanoseconds, when it came.
        acked_ns: UTC nanoseconds, when it was on disk.
        bytes: of the picture.
    """

    sample_id: str
    site: str
    device: str
    camera: str
    received_ns: int
    acked_ns: int
    bytes: int


class EventLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `events.jsonl`; `data` is null when a retained topic was cleared."""

    kind: str
    site: str
    device: str
    camera: str
    received_ns: int
    event_id: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


def index_line(sample: SampleArrived, now_ns: int) -> IndexLine:
    """Return the line of a sample that is on disk."""
    data = sample.data
    return IndexLine(
        sample_id=data.sample_id,
        site=data.site,
        device=data.device,
        camera=data.camera,
        captured=data.captured,
        received_ns=sample.received_ns,
        acked_ns=now_ns,
        bytes=len(sample.image or b"") + len(sample.raw),
        reason=data.selection.reason.value,
        score=data.selection.score,
    )


def picture_line(picture: PictureArrived, now_ns: int) -> PictureLine:
    """Return the line of a picture that is on disk."""
    topics = picture.address.topics
    return PictureLine(
        sample_id=picture.sample_id,
        site=topics.site,
        device=topics.device,
        camera=picture.address.camera_id,
        received_ns=picture.received_ns,
        acked_ns=now_ns,
        bytes=len(picture.image),
    )


def event_line(arrival: EventArrived | StatusArrived) -> EventLine:
    """Return the line of an event, a status or an info."""
    topics = arrival.address.topics
    return EventLine(
        kind=arrival.address.kind,
        site=topics.site,
        device=topics.device,
        camera=arrival.address.camera_id,
        received_ns=arrival.received_ns,
        event_id=arrival.parcel_id if isinstance(arrival, EventArrived) else "",
        data=msgspec.Raw(_on_one_line(arrival.raw) or b"null"),
    )


def _on_one_line(document: bytes) -> bytes:
    """JSON has line ends between values only, where a blank does as well."""
    return document.replace(b"\n", b" ").replace(b"\r", b" ")
