"""One client's stream of the simulator: a file, decoded, and encoded again as a camera would."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from gleancam.sources._gst import gst, gst_video
from gleancam.sources.graph import caps_filter, chain, make
from gleancam.sources.video import VideoFrame, read_video
from gleancam_engines.planes import Matrix, Planes, Range

_BITS_PER_PIXEL = 0.15
_SECONDS_PER_KEYFRAME = 2
_DEFAULT_FPS = Fraction(25)


class Playback:
    """A bin with a payloader `pay0`, fed from a file picture by picture on demand."""

    def __init__(self, path: Path, codec: str, *, loop: bool) -> None:
        """Open the file.

        Raises:
            SourceError: the file cannot be read.
        """
        self._frames = _endless(path) if loop else _once(path)
        first = next(self._frames)
        second = next(self._frames, None)
        fps = _rate(first, second)
        self._waiting = [frame for frame in (second, first) if frame is not None]
        self._source = make("appsrc", caps=_caps(first.planes, fps), block=True)
        gst().util_set_object_arg(self._source, "format", "time")
        self._handler = self._source.connect("need-data", self._feed)
        self.element = gst().Bin.new(None)
        chain(self.element, self._source, *_encoder(codec, first.planes, fps))

    def close(self) -> None:
        """Release the decoder, once the client has gone."""
        self._source.disconnect(self._handler)
        self._frames.close()

    def _feed(self, source: Any, _length: int) -> None:
        frame = self._waiting.pop() if self._waiting else next(self._frames, None)
        if frame is None:
            source.emit("end-of-stream")
            return
        buffer = gst().Buffer.new_wrapped(_packed(frame.planes))
        buffer.pts = round(frame.t_s * 1e9)
        source.emit("push-buffer", buffer)


def _once(path: Path) -> Generator[VideoFrame, None, None]:
    with closing(read_video(path)) as video:
        yield from video


def _endless(path: Path) -> Generator[VideoFrame, None, None]:
    start_s = 0.0
    while True:
        last_s, step_s = 0.0, float(1 / _DEFAULT_FPS)
        with closing(read_video(path)) as video:
            for frame in video:
                step_s = frame.t_s - last_s or step_s
                last_s = frame.t_s
                yield VideoFrame(frame.index, start_s + frame.t_s, frame.planes)
        start_s += last_s + step_s


def _rate(first: VideoFrame, second: VideoFrame | None) -> Fraction:
    if second is None or second.t_s <= first.t_s:
        return _DEFAULT_FPS
    return Fraction(1 / (second.t_s - first.t_s)).limit_denominator(1001)


def _caps(planes: Planes, fps: Fraction) -> Any:
    matrix = "bt601" if planes.colorimetry.matrix is Matrix.BT601 else "bt709"
    colorimetry = "1:4:0:0" if planes.colorimetry.range is Range.FULL else matrix
    return gst().Caps.from_string(
        f"video/x-raw,format=I420,width={planes.width},height={planes.height},"
        f"framerate={fps.numerator}/{fps.denominator},colorimetry={colorimetry}"
    )


def _encoder(codec: str, planes: Planes, fps: Fraction) -> list[Any]:
    if codec == "jpeg":
        # Without a pinned format some versions hand jpegenc one that RTP cannot carry.
        pinned = caps_filter("video/x-raw,format=I420,colorimetry=1:4:0:0")
        return [make("videoconvert"), pinned, make("jpegenc"), _named(make("rtpjpegpay"))]
    rate = "bt709" if planes.colorimetry.matrix is Matrix.BT709 else "bt601"
    pinned = caps_filter(f"video/x-raw,format=I420,colorimetry={rate}")
    bitrate = round(planes.width * planes.height * float(fps) * _BITS_PER_PIXEL)
    encoder = make("openh264enc", bitrate=bitrate, gop_size=round(fps * _SECONDS_PER_KEYFRAME))
    pay = make("rtph264pay", config_interval=-1)
    return [make("videoconvert"), pinned, encoder, make("h264parse"), _named(pay)]


def _named(payloader: Any) -> Any:
    payloader.set_property("name", "pay0")
    return payloader


def _packed(planes: Planes) -> bytes:
    """Pack planes as GStreamer wants I420: with its strides, in one piece."""
    info = gst_video().VideoInfo.new()
    info.set_format(gst_video().VideoFormat.I420, planes.width, planes.height)
    packed = np.zeros(info.size, np.uint8)
    for index, plane in enumerate((planes.y, planes.u, planes.v)):
        rows, columns = plane.shape
        to = (info.stride[index], 1)
        np.ndarray((rows, columns), np.uint8, packed, info.offset[index], to)[:] = plane
    return packed.tobytes()
