"""Events: what happened at a camera without being a picture."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gleancam.types import DISCONTINUITY, SceneChange, SceneRecord
from gleancam.wire.cloudevent import LIMIT_BYTES
from gleancam.wire.codec import decode, encode, readable
from gleancam.wire.context import ClockSynced, DeviceContext
from gleancam.wire.fields import Identifier, Payload, Time
from gleancam.wire.loss import Loss, LossData, loss_data
from gleancam.wire.parcel import ALWAYS_WANTED, Parcel
from gleancam.wire.times import rfc3339

SCENE_CHANGE = "scene_change"
LOST = "lost"

How: TypeAlias = Literal["cut", "gradual", "discontinuity"]
_HOW: dict[str, How] = {"cut": "cut", "gradual": "gradual", DISCONTINUITY: "discontinuity"}


class SceneRecordData(Payload, frozen=True, kw_only=True):
    """A scene that has ended."""

    scene_id: Annotated[str, Meta(description="As its samples have it.")]
    started: Annotated[Time, Meta(description="Its first frame.")]
    ended: Annotated[Time, Meta(description="First frame that no longer shows it alone.")]
    duration_s: Annotated[float, Meta(ge=0, description="Seconds, on a clock that never jumps.")]
    representative: Annotated[
        str | None, Meta(description="sample_id of its first kept frame; null when none was kept.")
    ]


class SceneChangeData(Payload, frozen=True, kw_only=True):
    """One scene ended and another began."""

    scene_id: Annotated[str, Meta(description="Of the scene that begins.")]
    change: Annotated[
        How,
        Meta(description="How it happened; discontinuity: the stream was interrupted."),
    ]
    started: Annotated[Time, Meta(description="First frame of the new scene.")]
    ended: Annotated[Time, Meta(description="End of the transition; `started` unless gradual.")]
    distance: Annotated[
        Annotated[float, Meta(ge=0)] | None,
        Meta(description="Cosine distance across the change; null after a discontinuity."),
    ]
    threshold: Annotated[float, Meta(ge=0, description="What it was held against.")]
    label: Annotated[str | None, Meta(description="Zero-shot name of the new scene.")]
    ended_scene: Annotated[
        SceneRecordData | None, Meta(description="The scene that ended; null when not known.")
    ] = None


@readable
class EventData(Payload, frozen=True, kw_only=True):
    """Payload of `cam/{cam}/event`. Deduplicate by `event_id`, acknowledge like a sample."""

    event_id: Identifier
    site: Identifier
    device: Identifier
    camera: Identifier
    event: Annotated[
        str,
        Meta(description="scene_change, lost; other kinds may come: store them without judging."),
    ]
    at: Annotated[Time, Meta(description="When it happened.")]
    boot_id: Annotated[str, Meta(description="Changes with every boot.")]
    clock_synced: Annotated[
        ClockSynced, Meta(description="Whether the times can be trusted; corrected: dated anew.")
    ]
    scene_change: Annotated[
        SceneChangeData | None, Meta(description="Present when `event` is scene_change.")
    ] = None
    lost: Annotated[
        tuple[LossData, ...] | None, Meta(description="Present when `event` is lost.")
    ] = None


def scene_parcel(change: SceneChange, event_id: str, context: DeviceContext) -> Parcel:
    """Return the parcel of one scene change; the same change gives the same bytes."""
    data = EventData(
        event_id=event_id,
        site=context.topics.site,
        device=context.topics.device,
        camera=change.camera_id,
        event=SCENE_CHANGE,
        at=rfc3339(change.started_ns),
        boot_id=context.boot_id,
        clock_synced=context.clock_synced,
        scene_change=_scene_change_data(change),
    )
    return Parcel(
        parcel_id=event_id,
        kind="event",
        camera_id=change.camera_id,
        captured_ns=change.started_ns,
        data=encode(data),
        image=None,
        value=ALWAYS_WANTED,
    )


def tombstone_parcel(
    camera_id: str, losses: tuple[Loss, ...], event_id: str, at_ns: int, context: DeviceContext
) -> Parcel:
    """Return the parcel that tells upstream what of a camera's it will never get."""
    data = EventData(
        event_id=event_id,
        site=context.topics.site,
        device=context.topics.device,
        camera=camera_id,
        event=LOST,
        at=rfc3339(at_ns),
        boot_id=context.boot_id,
        clock_synced=context.clock_synced,
        lost=tuple(map(loss_data, losses)),
    )
    return Parcel(
        parcel_id=event_id,
        kind="event",
        camera_id=camera_id,
        captured_ns=at_ns,
        data=encode(data),
        image=None,
        value=ALWAYS_WANTED,
        lane="tombstone",
    )


def event_data(data: bytes) -> EventData:
    """Read an event's data.

    Raises:
        WireError: it is no event.
    """
    return decode(data, EventData, limit_bytes=LIMIT_BYTES)


def _scene_change_data(change: SceneChange) -> SceneChangeData:
    return SceneChangeData(
        scene_id=change.scene_id,
        change=_HOW[change.kind],
        started=rfc3339(change.started_ns),
        ended=rfc3339(change.ended_ns),
        distance=change.distance,
        threshold=change.threshold,
        label=change.label,
        ended_scene=None if change.ended_scene is None else _record_data(change.ended_scene),
    )


def _record_data(record: SceneRecord) -> SceneRecordData:
    return SceneRecordData(
        scene_id=record.scene_id,
        started=rfc3339(record.started_ns),
        ended=rfc3339(record.ended_ns),
        duration_s=record.duration_s,
        representative=record.representative_id,
    )
