"""Pictures made on the spot, as planes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from gleancam_engines.planes import Colorimetry, Matrix, Planes, Range

HD = Colorimetry(Matrix.BT709, Range.LIMITED)
COLORIMETRIES = tuple(Colorimetry(matrix, kind) for matrix in Matrix for kind in Range)


def flat(height: int, width: int, yuv: tuple[int, int, int], colorimetry: Colorimetry) -> Planes:
    """Return a picture of one colour."""
    half = ((height + 1) // 2, (width + 1) // 2)
    shapes = ((height, width), half, half)
    y, u, v = (np.full(shape, value, np.uint8) for shape, value in zip(shapes, yuv, strict=True))
    return Planes(y, u, v, colorimetry)


def noise(height: int, width: int, colorimetry: Colorimetry = HD, seed: int = 0) -> Planes:
    """Return a picture of random samples."""
    rng = np.random.default_rng(seed)
    half = ((height + 1) // 2, (width + 1) // 2)
    shapes = ((height, width), half, half)
    y, u, v = (rng.integers(16, 236, shape, np.uint8) for shape in shapes)
    return Planes(y, u, v, colorimetry)


def from_rgb(rgb: npt.NDArray[Any], colorimetry: Colorimetry) -> Planes:
    """Convert `(H, W, 3)` in 0…255, straight from the standards' text; chroma is averaged."""
    red, blue = colorimetry.matrix.value
    r, g, b = np.moveaxis(rgb.astype(np.float64) / 255, 2, 0)
    y = red * r + (1 - red - blue) * g + blue * b
    cb, cr = (b - y) / (2 - 2 * blue), (r - y) / (2 - 2 * red)
    full = colorimetry.range is Range.FULL
    luma = 255 * y if full else 16 + 219 * y
    u, v = (128 + (255 if full else 224) * _halve(c) for c in (cb, cr))
    return Planes(_bytes(luma), _bytes(u), _bytes(v), colorimetry)


def scenery(height: int, width: int, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Return `(H, W, 3)` RGB with gradients, edges, texture and saturated colours."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    picture = np.stack([rows * 200 / height, columns * 200 / width, (rows + columns) % 160], 2)
    for _ in range(40):
        y, x = rng.integers(0, height), rng.integers(0, width)
        h, w = rng.integers(4, height // 2), rng.integers(4, width // 2)
        picture[y : y + h, x : x + w] = rng.integers(0, 256, 3)
    return _bytes(picture + rng.normal(0, 6, picture.shape))


def _halve(plane: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Average 2 by 2 samples; an odd last row or column stands for itself."""
    even = np.pad(plane, ((0, plane.shape[0] % 2), (0, plane.shape[1] % 2)), mode="edge")
    height, width = even.shape
    averaged: npt.NDArray[np.float64] = even.reshape(height // 2, 2, width // 2, 2).mean((1, 3))
    return averaged


def _bytes(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    clipped: npt.NDArray[Any] = np.clip(np.rint(values), 0, 255)
    return clipped.astype(np.uint8)
