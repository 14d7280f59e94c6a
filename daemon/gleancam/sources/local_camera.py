"""The heads of cameras on this machine's own ports, and of the one GStreamer paints."""

from __future__ import annotations

from gleancam.config.keys import CsiCamera, TestCamera, V4l2Camera
from gleancam.sources._gst import gst
from gleancam.sources.decoders import CODECS
from gleancam.sources.decoding import Landing
from gleancam.sources.graph import caps_filter, chain, make
from gleancam.sources.pipeline import Pipeline

_RAW = "video/x-raw"
_JPEG = "image/jpeg"
_NVMM = "video/x-raw(memory:NVMM),format=NV12"
_PAINTED_FPS = 60


def open_v4l2(pipeline: Pipeline, camera: V4l2Camera, landing: Landing) -> None:
    """Put a USB camera into a pipeline: Motion JPEG where it offers it, as USB is narrow.

    Raises:
        SourceError: the device is missing or busy.
    """
    source = make("v4l2src", device=camera.device)
    pipeline.element.add(source)
    pipeline.ready(source)
    pad = source.get_static_pad("src")
    jpeg = pad.query_caps(None).can_intersect(gst().Caps.from_string(_JPEG))
    only = caps_filter(_JPEG if jpeg else _RAW)
    chain(pipeline.element, source, only)
    landing.decode(only.get_static_pad("src"), CODECS[_JPEG] if jpeg else None)


def open_csi(pipeline: Pipeline, camera: CsiCamera, landing: Landing) -> None:
    """Put a Jetson's camera into a pipeline; its converter brings pictures to system memory.

    Raises:
        SourceError: this is no Jetson.
    """
    source = make("nvarguscamerasrc", sensor_id=camera.sensor_id)
    last = caps_filter(f"{_RAW},format=I420")
    chain(pipeline.element, source, caps_filter(_NVMM), make("nvvidconv"), last)
    landing.decode(last.get_static_pad("src"), None)


def open_painted(pipeline: Pipeline, camera: TestCamera, landing: Landing) -> None:
    """Put GStreamer's test picture into a pipeline, painted faster than it is sampled."""
    fps = min(_PAINTED_FPS, max(1, round(2 * camera.fps)))
    source = make("videotestsrc", is_live=True)
    gst().util_set_object_arg(source, "pattern", camera.pattern)
    size = f"width={camera.width},height={camera.height}"
    last = caps_filter(f"{_RAW},format=I420,{size},framerate={fps}/1")
    chain(pipeline.element, source, last)
    landing.decode(last.get_static_pad("src"), None)
