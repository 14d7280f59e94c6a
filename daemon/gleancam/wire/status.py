"""Statuses of a device and its cameras: retained, small, sent again in every session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gleancam.wire.codec import JSON, encode, readable
from gleancam.wire.fields import Count, Payload, Text, Time
from gleancam.wire.message import Message
from gleancam.wire.times import rfc3339
from gleancam.wire.topics import Topics

DeviceState: TypeAlias = Literal["starting", "ready", "degraded", "draining", "stopped", "lost"]
CameraState: TypeAlias = Literal["online", "stalled", "offline", "disabled"]
Condition: TypeAlias = Literal["frozen", "dark", "overexposed", "covered", "blurred", "moved"]

Session = Annotated[
    Count,
    Meta(
        description="Raised before every CONNECT: a will with an older one is late, and a camera's "
        "status holds only while the device's has the same."
    ),
]


@readable
class DeviceStatusData(Payload, frozen=True, kw_only=True):
    """Payload of `status`."""

    state: Annotated[
        DeviceState, Meta(description="`lost` is said by the broker, as the device's will.")
    ]
    session: Session
    ts: Annotated[Time, Meta(description="When it was written; for `lost`, when it connected.")]
    reason: Annotated[Text, Meta(description="For people; empty when all is well.")]
    paused: Annotated[
        bool, Meta(description="By command: cameras run, and nobody looks at their pictures.")
    ] = False
    metered: Annotated[
        bool, Meta(description="By command, kept over a restart: the link costs money; no backlog.")
    ] = False


class CameraErrorData(Payload, frozen=True, kw_only=True):
    """Why a camera gives no pictures."""

    kind: Annotated[Text, Meta(description="A fixed word: refused, not_found, stalled, …")]
    what: Annotated[Text, Meta(description="For people; never a credential.")]


@readable
class CameraStatusData(Payload, frozen=True, kw_only=True):
    """Payload of `cam/{cam}/status`."""

    state: Annotated[CameraState, Meta(description="Whether pictures arrive.")]
    conditions: Annotated[
        tuple[Condition, ...],
        Meta(description="What is odd about its pictures; several may hold, more words may come."),
    ]
    since: Annotated[Time, Meta(description="When this state began.")]
    last_frame: Annotated[Time | None, Meta(description="Null: none since the start.")]
    error: Annotated[CameraErrorData | None, Meta(description="Null when all is well.")]
    session: Session
    ts: Annotated[Time, Meta(description="When it was written.")]


def device_status(
    topics: Topics,
    state: DeviceState,
    session: int,
    ts_ns: int,
    reason: str = "",
    *,
    paused: bool = False,
    metered: bool = False,
) -> Message:
    """Return the retained status of the device; with state `lost`, its will."""
    data = DeviceStatusData(
        state=state,
        session=session,
        ts=rfc3339(ts_ns),
        reason=reason[:200],
        paused=paused,
        metered=metered,
    )
    return Message(topics.status, encode(data), retain=True, content_type=JSON)


@dataclass(frozen=True, slots=True)
class CameraReport:
    """What there is to say about one camera now.

    Attributes:
        since_ns: UTC nanoseconds, when this state began.
        last_frame_ns: UTC nanoseconds; None when none came since the start.
        error: its kind (a fixed word) and what happened; None when all is well.
    """

    state: CameraState
    since_ns: int
    last_frame_ns: int | None = None
    conditions: tuple[Condition, ...] = ()
    error: tuple[str, str] | None = None


def camera_status(
    topics: Topics, camera_id: str, report: CameraReport, *, session: int, ts_ns: int
) -> Message:
    """Return the retained status of one camera."""
    error = report.error
    data = CameraStatusData(
        state=report.state,
        conditions=report.conditions,
        since=rfc3339(report.since_ns),
        last_frame=None if report.last_frame_ns is None else rfc3339(report.last_frame_ns),
        error=None if error is None else CameraErrorData(kind=error[0], what=error[1][:200]),
        session=session,
        ts=rfc3339(ts_ns),
    )
    return Message(topics.camera_status(camera_id), encode(data), retain=True, content_type=JSON)


def cleared(topic: str) -> Message:
    """Return the empty retained message that removes a topic, as for a camera taken away."""
    return Message(topic, b"", retain=True)
