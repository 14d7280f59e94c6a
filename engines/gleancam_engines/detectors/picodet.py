"""The output of PaddleDetection's exported detectors (PicoDet: Yu et al. 2021, arXiv:2111.00902).

Suppression happens inside the model. A row is (class id, score, x1, y1, x2, y2), already in pixels
of the source frame, because the model is told how much the frame was scaled.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gleancam_engines.detections import Detections
from gleancam_engines.detectors.boxes import in_frame
from gleancam_engines.detectors.model import ModelDetector
from gleancam_engines.errors import TensorError
from gleancam_engines.manifest import Manifest
from gleancam_engines.pictures import Pictures
from gleancam_engines.placement import place
from gleancam_engines.planes import Float32Array, Planes


class PicodetDetector(ModelDetector):
    """A PicoDet model. What the model itself leaves out is missing whatever the confidence.

    One picture at a time: its rows do not say which picture they are of.
    """

    def __init__(self, pictures: Pictures, manifest: Manifest, confidence: float) -> None:
        super().__init__(pictures, manifest, confidence)
        self._factor = pictures.engine.inputs[1].name
        self._rows = pictures.engine.outputs[0].name

    def _some(self, pictures: Sequence[Planes]) -> list[Detections]:
        return [self._one(planes) for planes in pictures]

    def _one(self, planes: Planes) -> Detections:
        spec = self._manifest.preprocess
        across, down = place(planes.width, planes.height, spec).scale
        factor = {self._factor: np.array([[down, across]], np.float32)}
        return self._decode(self._pictures.infer([planes], factor)[self._rows], planes)

    def _decode(self, rows: Float32Array, planes: Planes) -> Detections:
        """Leave out what is not sure enough, and the row of -1 that says "nothing"."""
        some = rows[rows[:, 0] >= 0]
        score = self._probabilities(some[:, 1])
        sure = self._sure(score)
        class_id = some[sure, 0].astype(np.int32)
        if len(class_id) and class_id.max() >= len(self.class_names):
            raise TensorError(
                f"{self.model_id}: class id {class_id.max()}, but the manifest has "
                f"{len(self.class_names)} classes; correct its classes"
            )
        return in_frame(some[sure, 2:], score[sure], class_id, planes, self._manifest)
