"""Logits and boxes of DETR's descendants: RT-DETR, D-FINE, RF-DETR.

RT-DETR: Zhao et al. 2023, arXiv:2304.08069. A query has one logit for each class, each with its own
sigmoid, and one box (centre x, centre y, width, height) as shares of the input. The best pairs of
query and class are the detections; no two queries are meant to see the same object, so nothing is
suppressed. The first DETR's softmax with a "no object" class is another layout.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gleancam_engines.detectors.boxes import corners
from gleancam_engines.detectors.picture import Found, PictureDetector
from gleancam_engines.manifest import Manifest
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Float32Array

TOP = 300
"""At most this many pairs of query and class; the number these models are evaluated with."""


class DetrDetector(PictureDetector):
    """A DETR with sigmoid scores. Columns of logits that are not in `class_ids` are not read."""

    def __init__(self, pictures: Pictures, manifest: Manifest, confidence: float) -> None:
        super().__init__(pictures, manifest, confidence)
        spec = manifest.preprocess
        self._columns = list(manifest.class_numbers)
        self._size = np.array([spec.width, spec.height] * 2, np.float32)

    def _decode(self, results: Mapping[str, Float32Array]) -> Found:
        """Decode `(1, Q, K)` logits and `(1, Q, 4)` boxes."""
        logits = results["logits"][0][:, self._columns].reshape(-1)
        score = _sigmoid(logits)
        sure = np.flatnonzero(self._sure(score))
        # By logits: among the surest, float32 scores no longer differ.
        best = sure[np.argsort(-logits[sure], kind="stable")[:TOP]]
        query, class_id = np.divmod(best, len(self._columns))
        boxes = corners(results["boxes"][0][query]) * self._size
        return Found(boxes, score[best], class_id.astype(np.int32))


def _sigmoid(logits: Float32Array) -> Float32Array:
    """Return `1 / (1 + exp(-logits))`, written so that nothing overflows."""
    return np.asarray((1 + np.tanh(logits / 2)) / 2, np.float32)
