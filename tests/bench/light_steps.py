"""A step of the light between two lit levels, made on real fixed cameras."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gleancam.sources.video import VideoFrame, read_video
from gleancam_engines.planes import Planes, UInt8Array

STEP_AT, FRAMES, FPS = 16, 32, 10

CAMERAS = (
    "iot_one-by-one-person-detection.mp4",
    "az_shelf.mp4",
    "vtest.avi",
    "bgs_video03.avi",
)

_BLACK = 16

LIGHTS = {
    "half": lambda y: _BLACK + 0.5 * (y - _BLACK),
    "brighter": lambda y: _BLACK + 1.4 * (y - _BLACK),
    "lamp": lambda y: _BLACK + np.linspace(1.0, 2.0, y.shape[1]) * (y - _BLACK),
}


def stepped(video: Path, light: str) -> Iterator[VideoFrame]:
    """The first frames of a video at `FPS` a second, in another light from `STEP_AT` on."""
    frames = read_video(video)
    for _, each in zip(range(FRAMES), frames, strict=False):
        planes = each.planes
        lit: UInt8Array = planes.y
        if each.index >= STEP_AT:
            lit = np.clip(LIGHTS[light](planes.y.astype(np.float32)), 0, 235).astype(np.uint8)
        shown = Planes(lit, planes.u, planes.v, planes.colorimetry)
        yield VideoFrame(each.index, each.index / FPS, shown)
    frames.close()
