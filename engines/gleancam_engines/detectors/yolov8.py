"""The output of Ultralytics YOLOv8 and YOLO11 without suppression (docs.ultralytics.com).

A column for each anchor point: centre x, centre y, width, height in input pixels, then one
probability for each class. There is no objectness, and the grid is decoded inside the model.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gleancam_engines.detectors.boxes import corners
from gleancam_engines.detectors.nms import suppress
from gleancam_engines.detectors.picture import Found, PictureDetector
from gleancam_engines.planes import Float32Array

IOU = 0.7
"""Overlap above which the weaker of two boxes of one class goes; Ultralytics' own default."""


class Yolov8Detector(PictureDetector):
    """A YOLOv8 or YOLO11 model: every anchor point speaks for its best class."""

    def _decode(self, results: Mapping[str, Float32Array]) -> Found:
        """Decode `(1, 4 + C, A)`."""
        columns = results[""][0]
        best = columns[4:].max(axis=0)
        score = self._probabilities(best)
        sure = np.flatnonzero(self._sure(score))
        class_id = columns[4:, sure].argmax(axis=0).astype(np.int32)
        boxes = corners(columns[:4, sure].T)
        kept = suppress(boxes, score[sure], class_id, IOU)
        return Found(boxes[kept], score[sure][kept], class_id[kept])
