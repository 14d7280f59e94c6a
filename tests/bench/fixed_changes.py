"""What happens before a fixed camera without its place changing, made on real footage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gleancam.sources.video import VideoFrame, read_video
from gleancam_engines.planes import Float32Array, Planes

FPS, FRAMES, AT, EVERY = 8, 56, 24, 3
CAMERAS = (
    "iot_one-by-one-person-detection.mp4",
    "az_shelf.mp4",
    "vtest.avi",
    "bgs_video03.avi",
    "bgs_video.avi",
)
_BLACK, _NEUTRAL = 16, 128

Luma = npt.NDArray[np.floating[Any]]
Change = Callable[[int, Float32Array], Luma]
"""Takes the frame's number after the change and its luma."""


def _gain(factor: float, until: int = FRAMES, over: int = 1) -> Change:
    def lit(at: int, y: Float32Array) -> Luma:
        share = min((at + 1) / over, 1) if at < until else 0
        return _BLACK + (1 + share * (factor - 1)) * (y - _BLACK)

    return lit


def _lamp(at: int, y: Float32Array) -> Luma:
    share = min((at + 1) / 10, 1)
    return _BLACK + (1 + share * (0.1 + np.linspace(-0.6, 0.5, y.shape[1]))) * (y - _BLACK)


def _infrared(over: int) -> Change:
    def night(at: int, y: Float32Array) -> Luma:
        share = min((at + 1) / over, 1)
        beam = 1.6 - 1.4 * np.abs(np.linspace(-1, 1, y.shape[1]))
        return (1 - share) * y + share * (28 + 0.8 * beam * (y - _BLACK))

    return night


def _covered(until: int = FRAMES) -> Change:
    return lambda at, y: 60 + 0.04 * (y - 60) if at < until else y


def _truck(at: int, y: Float32Array) -> Luma:
    """Drives in from the left until it covers 62 % of the width, 75 % of the height."""
    rows, columns = y.shape
    body = np.full((int(rows * 0.75), max(int(0.62 * columns * min((at + 1) / 10, 1)), 1)), 170.0)
    body[:: rows // 9] = 90
    body[:, ::-1][:, columns // 12 :: columns // 6] = 60
    shown: Luma = y.copy()
    shown[rows // 5 : rows // 5 + len(body), : body.shape[1]] = body
    return shown


def _door(at: int, y: Float32Array) -> Luma:
    rows, columns = y.shape
    shown: Luma = y.copy()
    shown[rows // 8 :, columns // 2 : columns // 2 + int(0.3 * columns * min((at + 1) / 8, 1))] = (
        205
    )
    return shown


CHANGES: dict[str, Change] = {
    "flash of 0.4 s": _gain(4, until=3),
    "flash of a second": _gain(4, until=8),
    "gain 0.3": _gain(0.3),
    "gain 1.6": _gain(1.6),
    "dimmed over 1.5 s": _gain(0.3, over=12),
    "a lamp comes up at one side": _lamp,
    "infrared": _infrared(1),
    "infrared over 0.75 s": _infrared(6),
    "covered": _covered(),
    "covered for 1.9 s": _covered(until=15),
    "dark for a second": _gain(0.03, until=8),
    "a truck parks": _truck,
    "a door opens": _door,
}


def changed(video: Path, name: str) -> Iterator[VideoFrame]:
    """Every third frame of a video's first seconds, `FPS` a second, changed from `AT` on."""
    frames = read_video(video)
    for number, each in enumerate(islice(frames, 0, FRAMES * EVERY, EVERY)):
        yield VideoFrame(number, number / FPS, _changed(each.planes, name, number - AT))
    frames.close()


def _changed(planes: Planes, name: str, at: int) -> Planes:
    if at < 0:
        return planes
    lit = CHANGES[name](at, planes.y.astype(np.float32))
    y = np.clip(lit, 0, 255).astype(np.uint8)
    if not name.startswith("infrared"):
        return Planes(y, planes.u, planes.v, planes.colorimetry).read_only()
    grey = np.full_like(planes.u, _NEUTRAL)
    return Planes(y, grey, grey, planes.colorimetry).read_only()
