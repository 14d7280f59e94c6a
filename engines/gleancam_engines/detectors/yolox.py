"""The output of YOLOX (Ge et al. 2021, arXiv:2107.08430): one row for each cell of three grids.

A row is (x, y, w, h, objectness, class scores). Objectness and classes are probabilities already;
x and y are offsets from their cell and w and h logarithms, all in units of the grid's stride.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gleancam_engines.detectors.nms import suppress
from gleancam_engines.detectors.picture import Found, PictureDetector
from gleancam_engines.errors import TensorError
from gleancam_engines.manifest import Manifest
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Float32Array

STRIDES = (8, 16, 32)
IOU = 0.6
"""Overlap above which the weaker of two boxes of one class goes."""


class YoloxDetector(PictureDetector):
    """A YOLOX model: a cell speaks for its best class, with objectness times class score."""

    def __init__(self, pictures: Pictures, manifest: Manifest, confidence: float) -> None:
        super().__init__(pictures, manifest, confidence)
        self._grid = _grid(manifest.preprocess.height, manifest.preprocess.width)

    def _decode(self, results: Mapping[str, Float32Array]) -> Found:
        """Decode `(1, A, 5 + C)`."""
        rows = results[""][0]
        if len(rows) != len(self._grid):
            raise TensorError(
                f"{self.model_id}: YOLOX rows must be {len(self._grid)}, but are {len(rows)}; "
                "correct height and width in the manifest"
            )
        best = rows[:, 5:].argmax(axis=1)
        score = self._probabilities(rows[:, 4] * rows[np.arange(len(rows)), 5 + best])
        sure = np.flatnonzero(self._sure(score))
        class_id = best[sure].astype(np.int32)
        boxes = _corners(rows[sure, :4], self._grid[sure])
        kept = suppress(boxes, score[sure], class_id, IOU)
        return Found(boxes[kept], score[sure][kept], class_id[kept])


def _grid(height: int, width: int) -> Float32Array:
    """Return `(cells, 3)` float32: column, row and stride of every cell, in the model's order."""
    parts = []
    for stride in STRIDES:
        rows, columns = np.mgrid[: height // stride, : width // stride].reshape(2, -1)
        parts.append(np.stack([columns, rows, np.full_like(rows, stride)], axis=1))
    return np.concatenate(parts).astype(np.float32)


def _corners(raw: Float32Array, grid: Float32Array) -> Float32Array:
    stride = grid[:, 2:]
    centre = (raw[:, :2] + grid[:, :2]) * stride
    half = np.exp(np.minimum(raw[:, 2:], 20)) * stride / 2  # exp of more overflows float32 later
    return np.concatenate([centre - half, centre + half], axis=1)
