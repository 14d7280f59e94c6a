"""The output of PaddleDetection's exported detectors (PicoDet: Yu et al. 2021, arXiv:2111.00902).

Suppression happens inside the model. A row is (class id, score, x1, y1, x2, y2), already in pixels
of the source frame, because the model is told how much the frame was scaled.
"""

from __future__ import annotations

import numpy as np

from gleancam_engines.detections import Detections
from gleancam_engines.detectors.boxes import in_frame
from gleancam_engines.errors import TensorError
from gleancam_engines.manifest import Manifest
from gleancam_engines.pictures import Pictures
from gleancam_engines.placement import place
from gleancam_engines.planes import Float32Array, Planes


class PicodetDetector:
    """A PicoDet model. Boxes below `confidence` are left out, as are those the model left out."""

    def __init__(self, pictures: Pictures, manifest: Manifest, confidence: float) -> None:
        engine = pictures.engine
        self._pictures = pictures
        self._manifest = manifest
        self._confidence = confidence
        self.model_id = engine.model_id
        self.class_names = manifest.class_names
        self._factor = engine.inputs[1].name
        self._rows = engine.outputs[0].name

    def detect(self, planes: Planes) -> Detections:
        """Return what is in the picture; see `Detector`."""
        spec = self._manifest.preprocess
        across, down = place(planes.width, planes.height, spec).scale
        factor = {self._factor: np.array([[down, across]], np.float32)}
        return self._decode(self._pictures.infer([planes], factor)[self._rows], planes)

    def close(self) -> None:
        """Free the engine; a second call does nothing."""
        self._pictures.close()

    def _decode(self, rows: Float32Array, planes: Planes) -> Detections:
        """Leave out what is not sure enough, and the row of -1 that says "nothing"."""
        sure = rows[(rows[:, 1] >= self._confidence) & (rows[:, 0] >= 0)]
        class_id = sure[:, 0].astype(np.int32)
        if len(class_id) and class_id.max() >= len(self.class_names):
            raise TensorError(
                f"{self.model_id}: class id {class_id.max()}, but the manifest has "
                f"{len(self.class_names)} classes; correct its classes"
            )
        return in_frame(sure[:, 2:], sure[:, 1], class_id, planes, self._manifest)
