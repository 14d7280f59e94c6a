"""Events: what happened at a camera without being a picture."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from gleancam.types import SceneChange
from gleancam.wire.cloudevent import LIMIT_BYTES
from gleancam.wire.codec import decode, encode
from gleancam.wire.context import ClockSynced, DeviceContext
from gleancam.wire.fields import Identifier, Payload, Time
from gleancam.wire.parcel import ALWAYS_WANTED, Parcel
from gleancam.wire.times import rfc3339

SCENE_CHANGE = "scene_change"


class SceneChangeData(Payload, frozen=True, kw_only=True):
    """One scene ended and another began."""

    scene_id: Annotated[str, Meta(description="Of the scene that begins.")]
    change: Annotated[Literal["cut", "gradual"], Meta(description="How it happened.")]
    started: Annotated[Time, Meta(description="First frame of the new scene.")]
    ended: Annotated[Time, Meta(description="End of the transition; `started` for a cut.")]
    distance: Annotated[float, Meta(ge=0, description="Cosine distance across the change.")]
    threshold: Annotated[float, Meta(ge=0, description="What it was held against.")]
    label: Annotated[str | None, Meta(description="Zero-shot name of the new scene.")]


class EventData(Payload, frozen=True, kw_only=True):
    """Payload of `cam/{cam}/event`. Deduplicate by `event_id`, acknowledge like a sample."""

    event_id: Identifier
    site: Identifier
    device: Identifier
    camera: Identifier
    event: Annotated[
        str,
        Meta(description="scene_change; other kinds may come: store them without judging."),
    ]
    at: Annotated[Time, Meta(description="When it happened.")]
    boot_id: Annotated[str, Meta(description="Changes with every boot.")]
    clock_synced: Annotated[
        ClockSynced, Meta(description="Whether the times can be trusted; corrected: dated anew.")
    ]
    scene_change: Annotated[
        SceneChangeData | None, Meta(description="Present when `event` is scene_change.")
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


def event_data(data: bytes) -> EventData:
    """Read an event's data.

    Raises:
        WireError: it is no event.
    """
    return decode(data, EventData, limit_bytes=LIMIT_BYTES)


def _scene_change_data(change: SceneChange) -> SceneChangeData:
    return SceneChangeData(
        scene_id=change.scene_id,
        change="cut" if change.kind == "cut" else "gradual",
        started=rfc3339(change.started_ns),
        ended=rfc3339(change.ended_ns),
        distance=change.distance,
        threshold=change.threshold,
        label=change.label,
    )
