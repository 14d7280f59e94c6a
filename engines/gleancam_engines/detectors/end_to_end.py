"""Detectors that end in (x1, y1, x2, y2, score, class) rows, suppression inside.

YOLOv10 (Wang et al. 2024, arXiv:2405.14458), YOLO26, and Ultralytics exports with `nms=True`:
corners in input pixels, a fixed number of rows, the unused ones with a score of 0.
"""

from __future__ import annotations

from collections.abc import Mapping

from gleancam_engines.detectors.class_numbers import ClassNumbers
from gleancam_engines.detectors.picture import Found, PictureDetector
from gleancam_engines.manifest import Manifest
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Float32Array


class EndToEndDetector(PictureDetector):
    """A model whose rows need nothing but a threshold."""

    def __init__(self, pictures: Pictures, manifest: Manifest, confidence: float) -> None:
        super().__init__(pictures, manifest, confidence)
        self._numbers = ClassNumbers(manifest)

    def _decode(self, results: Mapping[str, Float32Array]) -> Found:
        """Decode `(1, N, 6)`."""
        rows = results[""][0]
        score = self._probabilities(rows[:, 4])
        sure = self._sure(score)
        class_id = self._numbers.look_up(rows[sure, 5])
        named = class_id >= 0
        return Found(rows[sure, :4][named], score[sure][named], class_id[named])
