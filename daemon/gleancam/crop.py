"""A part of a picture, still in planes."""

from __future__ import annotations

import numpy as np

from gleancam.types import Box
from gleancam_engines.planes import Planes, UInt8Array


def crop(planes: Planes, box: Box) -> Planes:
    """Copy a part of a picture, its corners rounded to chroma samples.

    Args:
        planes: the whole picture.
        box: (x1, y1, x2, y2) in 0…1 of width and height, x1 < x2 and y1 < y2.

    Returns:
        A picture of at least two by two pixels (less where the whole is less).
    """
    rows, columns = planes.u.shape
    x1, x2 = _bounds(box[0], box[2], columns)
    y1, y2 = _bounds(box[1], box[3], rows)

    def part(plane: UInt8Array, scale: int) -> UInt8Array:
        return np.array(plane[scale * y1 : scale * y2, scale * x1 : scale * x2])

    return Planes(part(planes.y, 2), part(planes.u, 1), part(planes.v, 1), planes.colorimetry)


def _bounds(low: float, high: float, samples: int) -> tuple[int, int]:
    first = min(int(low * samples), samples - 1)
    return first, max(first + 1, min(round(high * samples), samples))
