"""Shots of the public videos, of one size, for films that are put together of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from gleancam.sources.video import read_video
from gleancam_engines.planes import Planes, UInt8Array

ROWS, COLUMNS = 180, 320
FPS = 25


@dataclass(frozen=True)
class Shot:
    """`length` frames of a video from `first` on, every `every`th."""

    video: str
    first: int
    length: int
    every: int = 1


SHOTS = (
    Shot("videos/vtest.avi", 0, 60),
    Shot("videos/mot15_TUD-Campus.mp4", 0, 60),
    Shot("videos/psd_testvideo.mp4", 60, 60),
    Shot("videos/psd_testvideo.mp4", 260, 60),
    Shot("videos/psd_testvideo.mp4", 440, 60),
    Shot("videos/psd_testvideo.mp4", 590, 60),
    Shot("videos/bgs_video03.avi", 200, 60, every=2),
    Shot("videos/bgs_video.avi", 60, 60),
    Shot("videos/iot_one-by-one-person-detection.mp4", 240, 60),
    Shot("videos/az_shelf.mp4", 60, 60),
    Shot("videos/skv_bikes.mp4", 1, 28),
    Shot("videos/skv_bikes.mp4", 32, 42),
    Shot("videos/skv_bikes.mp4", 78, 57),
    Shot("videos/skv_bikes.mp4", 139, 46),
    Shot("videos/skv_bikes.mp4", 189, 51),
    Shot("videos/otv_Testvideo_Cars-Truck_FR20_2020-01-01_00-00-00.mp4", 0, 57),
    Shot("videos/mpy_big_buck_bunny_0_30.webm", 200, 60),
    Shot("videos/mpy_big_buck_bunny_0_30.webm", 290, 60),
    Shot("videos/mpy_big_buck_bunny_0_30.webm", 400, 60),
    Shot("videos/mpy_big_buck_bunny_0_30.webm", 600, 60),
)


def frames(data: Path, shot: Shot) -> tuple[Planes, ...]:
    """Decode a shot's frames, scaled to `ROWS` and `COLUMNS`."""
    return tuple(_video(data / shot.video)[shot.first :: shot.every][: shot.length])


@cache
def _video(path: Path) -> tuple[Planes, ...]:
    last = max(shot.first + shot.every * shot.length for shot in SHOTS if path.match(shot.video))
    video = read_video(path)
    scaled = tuple(_scaled(frame.planes) for frame in islice(video, last))
    video.close()
    return scaled


def there_and_back(length: int) -> Iterator[int]:
    """Positions in a shot that lasts as long as wanted: to its end, back, and so on."""
    at, step = 0, 1
    while True:
        yield at
        if not 0 <= at + step < length:
            step = -step
        at += step


def _scaled(planes: Planes) -> Planes:
    half = (COLUMNS // 2, ROWS // 2)
    y = _resized(planes.y, (COLUMNS, ROWS))
    u, v = (_resized(plane, half) for plane in (planes.u, planes.v))
    return Planes(y, u, v, planes.colorimetry).read_only()


def _resized(plane: UInt8Array, size: tuple[int, int]) -> UInt8Array:
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BOX))
