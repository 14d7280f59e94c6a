"""Planes to RGB, and between colorimetries. Exact formulae, vectorised.

With Kr and Kb of the matrix and Kg = 1 - Kr - Kb (ITU-R BT.601-7 section 2.5, BT.709-6 section 3):

    Y  = Kr R + Kg G + Kb B        Cb = (B - Y) / (2 (1 - Kb))        Cr = (R - Y) / (2 (1 - Kr))

Limited range stores 16 + 219 Y and 128 + 224 C; full range (ITU-T T.871, JPEG) 255 Y and
128 + 255 C.

Chroma samples are taken to lie in the middle of their four luma samples, as JPEG does; video is
often sited half a luma sample to the left, an error no model input here can see. Chroma is
brought to the luma's size by linear interpolation (weights 3/4 and 1/4).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image

from gleancam_engines.planes import (
    JPEG_COLORIMETRY,
    Colorimetry,
    Float32Array,
    Planes,
    Range,
    UInt8Array,
)


@lru_cache
def to_rgb_matrix(colorimetry: Colorimetry) -> tuple[Float32Array, Float32Array]:
    """Return `(3, 3)` and `(3,)` float32: stored (Y, Cb, Cr) times the first plus the second.

    The result is RGB in 0…255, before clipping.
    """
    red, blue = colorimetry.matrix.value
    green = 1 - red - blue
    ycc = np.array(
        [
            [1, 0, 2 * (1 - red)],
            [1, -2 * blue * (1 - blue) / green, -2 * red * (1 - red) / green],
            [1, 2 * (1 - blue), 0],
        ]
    )
    luma, chroma, black = _excursion(colorimetry.range)
    scale = np.array([255 / luma, 255 / chroma, 255 / chroma])
    matrix = ycc * scale
    offset = -matrix @ np.array([black, 128, 128])
    return matrix.astype(np.float32), offset.astype(np.float32)


def rgb(planes: Planes) -> UInt8Array:
    """Return the picture as `(H, W, 3)` uint8, R first, full range."""
    matrix, offset = to_rgb_matrix(planes.colorimetry)
    cb, cr = upsample(planes.u, planes.y.shape), upsample(planes.v, planes.y.shape)
    out = np.empty((*planes.y.shape, 3), np.uint8)
    for channel in range(3):
        value = planes.y * matrix[channel, 0]
        value += cb * matrix[channel, 1]
        value += cr * matrix[channel, 2]
        value += offset[channel] + np.float32(0.5)
        np.clip(value, 0, 255, out=value)
        out[..., channel] = value  # truncates: with the half above, this rounds
    return out


def upsample(chroma: UInt8Array, shape: tuple[int, ...]) -> UInt8Array:
    """Return a chroma plane at the luma's `(H, W)`, linearly interpolated."""
    height, width = shape
    return np.asarray(
        Image.fromarray(chroma).resize(
            (width, height), Image.Resampling.BILINEAR, box=(0, 0, width / 2, height / 2)
        )
    )


def to_jpeg_colorimetry(planes: Planes) -> Planes:
    """Return the same picture in BT.601 full range, which is what a JPEG's numbers mean.

    Planes that already are in it come back as they are.
    """
    if planes.colorimetry == JPEG_COLORIMETRY:
        return planes
    if planes.colorimetry.matrix is JPEG_COLORIMETRY.matrix:
        return _to_full_range(planes)
    return _to_bt601(planes)


def _to_full_range(planes: Planes) -> Planes:
    luma, chroma, black = _excursion(planes.colorimetry.range)
    levels = np.arange(256)
    y_table = _to_bytes((levels - black) * (255 / luma))
    c_table = _to_bytes((levels - 128) * (255 / chroma) + 128)
    return Planes(y_table[planes.y], c_table[planes.u], c_table[planes.v], JPEG_COLORIMETRY)


def _to_bt601(planes: Planes) -> Planes:
    """Change the matrix. Grey stays grey, so new chroma depends on old chroma alone."""
    matrix, offset = _between(planes.colorimetry)
    u, v = planes.u.astype(np.float32), planes.v.astype(np.float32)
    shift = u * matrix[0, 1] + v * matrix[0, 2] + offset[0]
    y = planes.y * matrix[0, 0] + _upsample_float(shift, planes.y.shape)
    new_u = u * matrix[1, 1] + v * matrix[1, 2] + offset[1]
    new_v = u * matrix[2, 1] + v * matrix[2, 2] + offset[2]
    return Planes(_to_bytes(y), _to_bytes(new_u), _to_bytes(new_v), JPEG_COLORIMETRY)


@lru_cache
def _between(source: Colorimetry) -> tuple[Float32Array, Float32Array]:
    """Return the map from `source` to JPEG's colorimetry: `(3, 3)` and `(3,)` float32."""
    matrix, offset = to_rgb_matrix(source)
    back = np.linalg.inv(to_rgb_matrix(JPEG_COLORIMETRY)[0].astype(np.float64))
    shift = back @ offset + np.array([0, 128, 128])
    return (back @ matrix).astype(np.float32), shift.astype(np.float32)


def _upsample_float(plane: Float32Array, shape: tuple[int, ...]) -> Float32Array:
    height, width = shape
    picture = Image.fromarray(plane).resize(
        (width, height), Image.Resampling.BILINEAR, box=(0, 0, width / 2, height / 2)
    )
    return np.asarray(picture)


def _to_bytes(values: Float32Array) -> UInt8Array:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _excursion(kind: Range) -> tuple[int, int, int]:
    """Return the excursions of luma and chroma and the level of black."""
    return (219, 224, 16) if kind is Range.LIMITED else (255, 255, 0)
