"""Where a picture goes in a model's input, and the way back for boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import Float32Array

_ROUNDING = 1e-9
"""So that a side which comes out whole is not cut to one less."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A box of the source lands, resized, at an origin of the input.

    Attributes:
        box: (x1, y1, x2, y2) of the source that is used, in its luma pixels.
        size: (width, height) it is resized to.
        origin: (x, y) of its top left corner in the input.
    """

    box: tuple[float, float, float, float]
    size: tuple[int, int]
    origin: tuple[int, int]

    @property
    def scale(self) -> tuple[float, float]:
        """Input pixels for a source pixel, along x and along y."""
        x1, y1, x2, y2 = self.box
        return self.size[0] / (x2 - x1), self.size[1] / (y2 - y1)

    def to_source(self, xyxy: Float32Array) -> Float32Array:
        """Bring `(N, 4)` corners from input pixels back to source pixels, exactly undone."""
        origin = np.array(self.origin * 2, np.float64)
        scale = np.array(self.scale * 2, np.float64)
        start = np.array(self.box[:2] * 2, np.float64)
        return ((xyxy - origin) / scale + start).astype(np.float32)


def place(width: int, height: int, spec: Preprocess) -> Placement:
    """Decide where a picture of this size goes, as `spec` says."""
    if spec.mode == "squash":
        return Placement((0, 0, width, height), (spec.width, spec.height), (0, 0))
    if spec.mode == "crop":
        return _crop(width, height, spec)
    return _letterbox(width, height, spec)


def _crop(width: int, height: int, spec: Preprocess) -> Placement:
    """Take the largest centred box of the input's shape, to the very pixels of the usual way.

    The usual way (torchvision's Resize of the shorter side, then CenterCrop) rounds twice: the
    longer side is cut to whole pixels, and so is the crop's place. Half a pixel of the input beside
    that is as far for an embedding as a jolt of the camera.
    """
    zoom = min(width / spec.width, height / spec.height)
    x1, x2 = _crop_axis(width, spec.width, zoom)
    y1, y2 = _crop_axis(height, spec.height, zoom)
    return Placement((x1, y1, x2, y2), (spec.width, spec.height), (0, 0))


def _crop_axis(side: int, wanted: int, zoom: float) -> tuple[float, float]:
    """Return where the box begins and ends along one side of the source.

    Args:
        side: of the source.
        wanted: side of the input.
        zoom: source pixels for one of the input, before rounding.
    """
    resized = max(wanted, int(side / zoom + _ROUNDING))
    start = round((resized - wanted) / 2)
    step = side / resized
    return start * step, min((start + wanted) * step, side)


def _letterbox(width: int, height: int, spec: Preprocess) -> Placement:
    """Fit the whole picture, keeping its shape up to the rounding of a pixel."""
    zoom = min(spec.width / width, spec.height / height)
    size = (max(1, round(width * zoom)), max(1, round(height * zoom)))
    corner = spec.anchor == "corner"
    origin = (0, 0) if corner else ((spec.width - size[0]) // 2, (spec.height - size[1]) // 2)
    return Placement((0, 0, width, height), size, origin)
