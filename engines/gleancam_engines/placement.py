"""Where a picture goes in a model's input, and the way back for boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import Float32Array


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
    """Take the largest centred box of the input's shape."""
    zoom = min(width / spec.width, height / spec.height)
    x1, y1 = (width - spec.width * zoom) / 2, (height - spec.height * zoom) / 2
    # The subtraction may leave the frame by a rounding error, and a resizer insists.
    box = (max(x1, 0.0), max(y1, 0.0), min(width - x1, width), min(height - y1, height))
    return Placement(box, (spec.width, spec.height), (0, 0))


def _letterbox(width: int, height: int, spec: Preprocess) -> Placement:
    """Fit the whole picture, keeping its shape up to the rounding of a pixel."""
    zoom = min(spec.width / width, spec.height / height)
    size = (max(1, round(width * zoom)), max(1, round(height * zoom)))
    corner = spec.anchor == "corner"
    origin = (0, 0) if corner else ((spec.width - size[0]) // 2, (spec.height - size[1]) // 2)
    return Placement((0, 0, width, height), size, origin)
