"""What a device is and runs. Nothing here may hold a credential: no URL, no user, no path."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from gleancam.wire.codec import JSON, encode, readable
from gleancam.wire.ensemble_data import EnsembleData
from gleancam.wire.fields import Identifier, Payload, Sha256, Time
from gleancam.wire.message import Message
from gleancam.wire.topics import Topics


class CameraInfo(Payload, frozen=True, kw_only=True):
    """A configured camera."""

    id: Identifier
    source: Annotated[str, Meta(description="Its kind: rtsp, file, v4l2, …; never its URL.")]
    fps: Annotated[float, Meta(gt=0, description="Frames a second that are looked at.")]
    enabled: Annotated[bool, Meta(description="Switched on in the configuration.")]


class ModelInfo(Payload, frozen=True, kw_only=True):
    """A model that is in use."""

    name: Annotated[str, Meta(description="As in the catalogue.")]
    role: Annotated[str, Meta(description="embedder or detector.")]
    sha256: Sha256
    backend: Annotated[str, Meta(description="What runs it: onnxruntime, openvino, tensorrt.")]
    device: Annotated[str, Meta(description="cpu, or a GPU such as orin-sm87.")] = ""
    precision: Annotated[str, Meta(description="What it computes in: fp32, fp16, bf16, int8.")] = ""


class LimitsInfo(Payload, frozen=True, kw_only=True):
    """What the device holds itself to."""

    inline_max_bytes: Annotated[int, Meta(ge=1, description="Largest image sent as a message.")]
    spool_max_bytes: Annotated[int, Meta(ge=1, description="Largest spool on disk.")]


@readable
class Info(Payload, frozen=True, kw_only=True):
    """Payload of `info`."""

    versions: Annotated[
        dict[str, str], Meta(description="gleancam, python, gstreamer, onnxruntime, …")
    ]
    board: Annotated[str, Meta(description="Machine or board model.")]
    cameras: Annotated[tuple[CameraInfo, ...], Meta(description="All that are configured.")]
    models: Annotated[tuple[ModelInfo, ...], Meta(description="All that are in use.")]
    space_id: Annotated[str, Meta(description="The embedder's space.")]
    schemas: Annotated[dict[str, str], Meta(description="Payload name to schema `$id`.")]
    limits: LimitsInfo
    ts: Annotated[Time, Meta(description="When it was written.")]
    ensemble: Annotated[
        EnsembleData | None, Meta(description="How detectors vote; null before 0.2.")
    ] = None


def info(topics: Topics, data: Info) -> Message:
    """Return the retained description of the device."""
    return Message(topics.info, encode(data), retain=True, content_type=JSON)
