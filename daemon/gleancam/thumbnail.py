"""The small grey picture that the change gate and the scene detector look at."""

from __future__ import annotations

import numpy as np
from PIL import Image

from gleancam_engines.planes import Float32Array, UInt8Array

THUMBNAIL_SHAPE = (36, 64)
"""Rows and columns of a thumbnail: 16:9, small enough to compare at every decoded frame."""


def luma_thumbnail(y: UInt8Array) -> Float32Array:
    """Average a luma plane down to `THUMBNAIL_SHAPE`.

    Args:
        y: `(H, W)` uint8.

    Returns:
        `THUMBNAIL_SHAPE` float32 in 0…255, read-only. Each cell is the mean of its area.
    """
    rows, columns = THUMBNAIL_SHAPE
    small = Image.fromarray(y).resize((columns, rows), Image.Resampling.BOX)
    luma = np.asarray(small, dtype=np.float32)
    luma.setflags(write=False)
    return luma
