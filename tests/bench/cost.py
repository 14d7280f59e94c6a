"""CPU time a frame of finding scene changes, decoding and embedding excluded on all sides."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from statistics import median
from typing import TypeAlias

import cv2

from bench.detectors import Detector, bgr, downscaled
from bench.embeddings import VideoEmbeddings
from gleancam.config.selection_keys import Scene
from gleancam.selectors.scene import SceneDetector
from gleancam.sources.video import VideoFrame, read_video
from gleancam.types import EmbeddedFrame, Frame
from gleancam_engines.planes import UInt8Array

FRAMES = 240
_BLOCK = 40
_ROUNDS = 3

Look: TypeAlias = Callable[[int], None]
"""Takes the position of the next picture."""


def cpu_ms(video: Path, embeddings: VideoEmbeddings) -> dict[str, float]:
    """Milliseconds of process time a frame: the median of blocks of frames.

    Every block of frames is shown to each in turn, in another order each time. gleancam makes the
    thumbnail from the luma plane and looks at it, and is given an embedding of every frame, more
    than its gate lets through. PySceneDetect scales BGR pictures down, as its own front end does
    by default, and looks at them; making BGR counts as decoding.
    """
    cv2.setNumThreads(1)
    frames = read_video(video)
    shown = list(islice(frames, FRAMES))
    frames.close()
    for frame in shown:
        embeddings.of(frame)
    embeddings.save()
    pictures = [bgr(frame.planes) for frame in shown]
    taken: dict[str, list[float]] = {}
    for _ in range(_ROUNDS):
        for name, ms in _race(_looks(shown, pictures, embeddings)):
            taken.setdefault(name, []).append(ms)
    return {name: median(blocks) for name, blocks in taken.items()}


def _looks(
    shown: list[VideoFrame], pictures: list[UInt8Array], embeddings: VideoEmbeddings
) -> dict[str, Look]:
    content, adaptive = Detector("content"), Detector("adaptive")
    return {
        "gleancam": _ours(shown, embeddings),
        "content": lambda at: content.look(at, downscaled(pictures[at])),
        "adaptive": lambda at: adaptive.look(at, downscaled(pictures[at])),
    }


def _ours(shown: list[VideoFrame], embeddings: VideoEmbeddings) -> Look:
    numbers = count()
    detector = SceneDetector(Scene(), "video", lambda: str(next(numbers)))

    def look(at: int) -> None:
        at_ns = round(shown[at].t_s * 1e9)
        frame = Frame("video", at, at_ns, at_ns, shown[at].planes)
        detector.look(frame.thumbnail)
        row = embeddings.of(shown[at])
        detector.confirm(EmbeddedFrame(frame, row, embeddings.space_id))

    return look


def _race(looks: dict[str, Look]) -> Iterator[tuple[str, float]]:
    """Show all frames to all, block by block; the order turns."""
    names = list(looks)
    for start in range(0, FRAMES, _BLOCK):
        for name in names:
            before = time.process_time()
            for at in range(start, start + _BLOCK):
                looks[name](at)
            yield name, 1e3 * (time.process_time() - before) / _BLOCK
        names = [*names[1:], names[0]]
