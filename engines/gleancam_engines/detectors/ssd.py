"""The four outputs of TensorFlow's detection post-processing: SSD and EfficientDet (-Lite).

Boxes are (ymin, xmin, ymax, xmax) as shares of the input, best first, with a class number and a
score each; `count` says how many of the rows are meant. Suppression happens inside the model. Many
such models number COCO's classes with the gaps of its category ids: `class_ids = "coco-90"`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gleancam_engines.detectors.boxes import bounded
from gleancam_engines.detectors.class_numbers import ClassNumbers
from gleancam_engines.detectors.picture import Found, PictureDetector
from gleancam_engines.errors import TensorError
from gleancam_engines.manifest import Manifest
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Float32Array


class SsdDetector(PictureDetector):
    """An SSD-like model. Numbers in a gap of `class_ids` are left out: they stand for nothing."""

    def __init__(self, pictures: Pictures, manifest: Manifest, confidence: float) -> None:
        super().__init__(pictures, manifest, confidence)
        spec = manifest.preprocess
        self._numbers = ClassNumbers(manifest)
        self._size = np.array([spec.width, spec.height] * 2, np.float32)

    def _decode(self, results: Mapping[str, Float32Array]) -> Found:
        """Decode `(1, N, 4)` boxes, `(1, N)` classes and scores, and their `(1,)` count."""
        count = self._count(results)
        score = self._probabilities(results["scores"][0, :count])
        sure = self._sure(score)
        class_id = self._numbers.look_up(results["classes"][0, :count][sure])
        named = class_id >= 0
        boxes = results["boxes"][0, :count][sure][named][:, [1, 0, 3, 2]]
        return Found(bounded(boxes) * self._size, score[sure][named], class_id[named])

    def _count(self, results: Mapping[str, Float32Array]) -> int:
        count, rows = float(results["count"][0]), results["scores"].shape[1]
        if not 0 <= count <= rows or count != int(count):
            raise TensorError(
                f"{self.model_id}: count is {count:g}, but there are {rows} rows; "
                "correct the roles of the manifest's outputs"
            )
        return int(count)
