"""Video files made on the spot: frame N is one grey of luma 20 + 2 N, so order can be read off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gleancam.sources._gst import gst
from gleancam.sources.graph import chain, make
from gleancam.sources.playback import _packed
from gleancam_engines.planes import Colorimetry, Matrix, Planes, Range

FPS = 25
LIMITED = Colorimetry(Matrix.BT601, Range.LIMITED)

CODECS = {
    "h264": (("openh264enc", {"gop_size": 10, "bitrate": 2_000_000}), ("h264parse", {})),
    "h265": (("x265enc", {"speed_preset": 1, "key_int_max": 10}), ("h265parse", {})),
    "mjpeg": (("jpegenc", {"quality": 95}),),
    "vp8": (("vp8enc", {"deadline": 1}),),
    "mpeg4": (("avenc_mpeg4", {}),),
}
MUXERS = {".mp4": "mp4mux", ".mkv": "matroskamux", ".avi": "avimux", ".ts": "mpegtsmux"}


def shade(index: int) -> int:
    return 20 + 2 * index


def make_clip(
    path: Path,
    *,
    codec: str = "h264",
    frames: int = 50,
    size: tuple[int, int] = (64, 96),
    then_size: tuple[int, int] | None = None,
) -> Path:
    """Write a clip; `size` is rows and columns, `then_size` those of its second half."""
    source = make("appsrc", max_bytes=0)
    gst().util_set_object_arg(source, "format", "time")
    encoder = [make(factory, **properties) for factory, properties in CODECS[codec]]
    muxer = [make(MUXERS[path.suffix])] if path.suffix in MUXERS else []
    pipeline = gst().Pipeline.new(None)
    chain(pipeline, source, *encoder, *muxer, make("filesink", location=str(path)))
    pipeline.set_state(gst().State.PLAYING)
    for index in range(frames):
        now = then_size if then_size is not None and index >= frames // 2 else size
        _push(source, index, _grey(shade(index), *now))
    source.emit("end-of-stream")
    kinds = gst().MessageType.EOS | gst().MessageType.ERROR
    message = pipeline.get_bus().timed_pop_filtered(60 * gst().SECOND, kinds)
    pipeline.set_state(gst().State.NULL)
    assert message is not None
    assert message.type == gst().MessageType.EOS, message.parse_error()
    return path


def _push(source: Any, index: int, planes: Planes) -> None:
    caps = gst().Caps.from_string(
        f"video/x-raw,format=I420,width={planes.width},height={planes.height},"
        f"framerate={FPS}/1,colorimetry={'bt709' if planes.height >= 720 else 'bt601'}"
    )
    buffer = gst().Buffer.new_wrapped(_packed(planes))
    buffer.pts = index * gst().SECOND // FPS
    buffer.duration = gst().SECOND // FPS
    segment = gst().Segment()
    segment.init(gst().Format.TIME)
    source.emit("push-sample", gst().Sample.new(buffer, caps, segment, None))


def _grey(luma: int, rows: int, columns: int) -> Planes:
    # A ramp across the picture tells a wrong stride from a right one.
    ramp = np.linspace(-12, 12, columns).round().astype(np.int16)
    y = np.clip(np.full((rows, columns), luma, np.int16) + ramp, 0, 255).astype(np.uint8)
    half = ((rows + 1) // 2, (columns + 1) // 2)
    return Planes(y, np.full(half, 90, np.uint8), np.full(half, 160, np.uint8), LIMITED)
