"""Kept frames to labels: run the detectors, then make one answer of what they say."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from gleancam.metrics import Metrics
from gleancam_engines.detections import Detections
from gleancam_engines.detectors.base import Detector
from gleancam_engines.errors import EngineError
from gleancam_engines.planes import Planes
from gleancam_engines.voting.label import Label
from gleancam_engines.voting.single import label_each

log = logging.getLogger(__name__)


class Labeller:
    """The detectors of this device, run one after the other on the accelerator's thread."""

    def __init__(self, detectors: Sequence[Detector], confidence: float, metrics: Metrics) -> None:
        self._detectors = tuple(detectors)
        self._confidence = confidence
        self._metrics = metrics

    def label(
        self, camera_id: str, planes: Planes
    ) -> tuple[tuple[Label, ...], tuple[Detections, ...]]:
        """Label one kept frame; the labels are counted.

        Returns:
            As `look`.
        """
        labels, evidence = self.look(camera_id, planes)
        self.count(camera_id, labels)
        return labels, evidence

    def look(
        self, camera_id: str, planes: Planes
    ) -> tuple[tuple[Label, ...], tuple[Detections, ...]]:
        """Show one frame to the detectors.

        Returns:
            The labels, and every detector's raw boxes. A detector that failed is missing from the
            evidence and counted: a sample is never lost to it.
        """
        seen = (self._detect(detector, camera_id, planes) for detector in self._detectors)
        evidence = tuple(detections for detections in seen if detections is not None)
        return label_each(evidence, self._confidence), evidence

    def count(self, camera_id: str, labels: Sequence[Label]) -> None:
        """Count the labels of a kept frame."""
        for label in labels:
            self._metrics.inc("labels", camera=camera_id, class_name=label.class_name)

    def _detect(self, detector: Detector, camera_id: str, planes: Planes) -> Detections | None:
        try:
            return detector.detect(planes)
        except EngineError as error:
            self._metrics.inc("detector_failures", model=detector.model_id)
            extra = {"camera": camera_id, "limit": detector.model_id}
            log.warning("a detector failed on one frame: %s", error, extra=extra)
            return None
