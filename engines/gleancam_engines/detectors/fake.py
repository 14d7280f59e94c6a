"""A detector without a model: for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gleancam_engines.detections import Detections
from gleancam_engines.planes import Planes


class FakeDetector:
    """Sees one person in the left half of every picture and one car in its right half."""

    model_id = "fake@000000000000"
    class_names: tuple[str, ...] = ("person", "car")
    batch = 8

    def detect_all(self, pictures: Sequence[Planes]) -> list[Detections]:
        """Return the same two boxes for each picture."""
        return [self.detect(planes) for planes in pictures]

    def detect(self, planes: Planes) -> Detections:
        """Return the same two boxes, scaled to the picture."""
        size = np.array([planes.width, planes.height] * 2, np.float32)
        boxes = np.array([[0.1, 0.2, 0.4, 0.8], [0.6, 0.5, 0.9, 0.9]], np.float32)
        score = np.array([0.9, 0.6], np.float32)
        class_id = np.array([0, 1], np.int32)
        return Detections(boxes * size, score, class_id, self.class_names, self.model_id)

    def close(self) -> None:
        """Nothing to free."""
