"""Reading a whole video file, every picture in presentation order: what `replay` looks at."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gleancam.errors import SourceError
from gleancam.sources._gst import gst
from gleancam.sources.buffers import I420_CAPS, borrowed_planes, owned
from gleancam.sources.decoding import Landing
from gleancam.sources.faults import fault
from gleancam.sources.graph import caps_filter, chain, make
from gleancam.sources.media_file import open_file
from gleancam.sources.pipeline import Pipeline
from gleancam_engines.planes import Planes

_DECODED_AHEAD = 4
_POLL_NS = 100_000_000
_SLACK_S = 0.5
_SLACK = 0.05
"""Sound may be longer than the pictures, and the last picture has a length of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class VideoFrame:
    """One picture of a file.

    Attributes:
        index: 0 for the first picture, in presentation order.
        t_s: presentation time in seconds; the first picture is at 0.
        planes: read-only.
    """

    index: int
    t_s: float
    planes: Planes


class Video(Iterator[VideoFrame]):
    """The pictures of a file, one after another.

    Attributes:
        fault: what broke the file off after at least one picture; None while and if it is sound.
    """

    def __init__(self, path: Path) -> None:
        self.fault: SourceError | None = None
        self._frames: Generator[VideoFrame, None, None] = self._read(path)

    def __next__(self) -> VideoFrame:
        """Return the next picture.

        Raises:
            SourceError: the file gave no picture at all.
            StopIteration: at its end.
        """
        return next(self._frames)

    def close(self) -> None:
        """Stop reading and release the decoder; harmless after the end."""
        self._frames.close()

    def _read(self, path: Path) -> Generator[VideoFrame, None, None]:
        frame = None
        with Pipeline(str(path)) as pipeline:
            sink = _build(pipeline, path)
            try:
                pipeline.play()
                for frame in _frames(_samples(pipeline, sink)):
                    yield frame
            except SourceError as error:
                if frame is None:
                    raise
                self.fault = error
            if frame is None:
                raise fault("corrupt", f"{path} holds no picture that can be decoded")
            self.fault = self.fault or _cut_short(path, pipeline, frame.t_s)


def read_video(path: Path) -> Video:
    """Open a video file for reading every picture, none dropped, as fast as it decodes.

    Errors of the file are raised by the first `next`. Twice the same file gives the same frames.
    """
    return Video(path)


def _build(pipeline: Pipeline, path: Path) -> Any:
    sink = make("appsink", sync=False, max_buffers=_DECODED_AHEAD, drop=False)
    first = make("queue", max_size_buffers=_DECODED_AHEAD, max_size_bytes=0, max_size_time=0)
    chain(pipeline.element, first, make("videoconvert"), caps_filter(I420_CAPS), sink)
    pipeline.activate()
    open_file(pipeline, path, Landing(pipeline, first))
    return sink


def _samples(pipeline: Pipeline, sink: Any) -> Iterator[Any]:
    while True:
        sample = sink.emit("try-pull-sample", _POLL_NS)
        if sample is not None:
            yield sample
            continue
        pipeline.check()
        if pipeline.ended:
            return


def _frames(samples: Iterator[Any]) -> Iterator[VideoFrame]:
    start_ns = 0
    for index, sample in enumerate(samples):
        at_ns = _running_ns(sample)
        if not index:
            start_ns = at_ns
        with borrowed_planes(sample) as views:
            planes = owned(views).read_only()
        yield VideoFrame(index, (at_ns - start_ns) / 1e9, planes)


def _running_ns(sample: Any) -> int:
    segment = sample.get_segment()
    return int(segment.to_running_time(gst().Format.TIME, sample.get_buffer().pts))


def _cut_short(path: Path, pipeline: Pipeline, last_s: float) -> SourceError | None:
    # Demuxers take the end of a file for the end of the stream; its header may know better.
    known, duration_ns = pipeline.element.query_duration(gst().Format.TIME)
    duration_s = duration_ns / 1e9
    if not known or duration_s - last_s < max(_SLACK_S, _SLACK * duration_s):
        return None
    return fault("corrupt", f"{path} ends after {last_s:.1f} of {duration_s:.1f} seconds")
