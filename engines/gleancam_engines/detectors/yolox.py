"""The output of YOLOX (Ge et al. 2021, arXiv:2107.08430): one row for each cell of three grids.

A row is (x, y, w, h, objectness, class scores). Objectness and classes are probabilities already;
x and y are offsets from their cell and w and h logarithms, all in units of the grid's stride.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam_engines.base import Engine
from gleancam_engines.detections import Detections
from gleancam_engines.detectors.boxes import in_frame
from gleancam_engines.detectors.nms import suppress
from gleancam_engines.errors import TensorError
from gleancam_engines.manifest import Manifest
from gleancam_engines.placement import place
from gleancam_engines.planes import Float32Array, Planes
from gleancam_engines.preprocess import preprocess

STRIDES = (8, 16, 32)
IOU = 0.6
"""Overlap above which the weaker of two boxes of one class goes."""


class YoloxDetector:
    """A YOLOX model. Boxes below `confidence` (objectness times class score) are left out."""

    def __init__(self, engine: Engine, manifest: Manifest, confidence: float) -> None:
        self._engine = engine
        self._manifest = manifest
        self._confidence = confidence
        self._grid = _grid(manifest.preprocess.height, manifest.preprocess.width)
        self.model_id = engine.model_id
        self.backend = engine.backend
        self.class_names = manifest.class_names

    def detect(self, planes: Planes) -> Detections:
        """Return what is in the picture; see `Detector`."""
        spec = self._manifest.preprocess
        tensors = {self._engine.inputs[0].name: preprocess([planes], spec)}
        rows = self._engine.infer(tensors)[self._engine.outputs[0].name][0]
        boxes, score, class_id = self._decode(rows)
        kept = suppress(boxes, score, class_id, IOU)
        source = place(planes.width, planes.height, spec).to_source(boxes[kept])
        return in_frame(source, score[kept], class_id[kept], planes, self._manifest)

    def close(self) -> None:
        """Free the engine; a second call does nothing."""
        self._engine.close()

    def _decode(
        self, rows: Float32Array
    ) -> tuple[Float32Array, Float32Array, npt.NDArray[np.int32]]:
        """Return corners in input pixels, scores and class ids of the rows that are sure enough."""
        if rows.shape != (len(self._grid), 5 + len(self.class_names)):
            raise TensorError(
                f"{self.model_id}: YOLOX rows must be "
                f"({len(self._grid)}, {5 + len(self.class_names)}), but are {rows.shape}"
            )
        best = rows[:, 5:].argmax(axis=1)
        score = rows[:, 4] * rows[np.arange(len(rows)), 5 + best]
        sure = score >= self._confidence
        boxes = _corners(rows[sure, :4], self._grid[sure])
        return boxes, score[sure], best[sure].astype(np.int32)


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
