"""A thumbnail as a row of 144 numbers: what moves a little stays where it was."""

from __future__ import annotations

import numpy as np

from gleancam.thumbnail import THUMBNAIL_SHAPE
from gleancam_engines.planes import Float32Array

_CELLS = 4
"""Cells of a thumbnail that become one, either way."""
POOLED_SHAPE = (THUMBNAIL_SHAPE[0] // _CELLS, THUMBNAIL_SHAPE[1] // _CELLS)
_DOWN, _ACROSS = (
    np.kron(np.eye(cells), np.full(_CELLS, 1 / _CELLS)).astype(np.float32) for cells in POOLED_SHAPE
)


def pooled(luma: Float32Array) -> Float32Array:
    """Average `THUMBNAIL_SHAPE` luma down to `POOLED_SHAPE`, as one row."""
    return np.asarray((_DOWN @ luma @ _ACROSS.T).ravel(), np.float32)
