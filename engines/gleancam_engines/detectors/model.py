"""What all detectors that run a model have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gleancam_engines.detections import Detections
from gleancam_engines.errors import TensorError
from gleancam_engines.manifest import Manifest
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Float32Array, Planes

_ROUNDING = 0.002
"""How far half precision may carry a probability out of 0…1."""


class ModelDetector(ABC):
    """A model with its preprocessing and its manifest; see `Detector`.

    Boxes whose score is below `confidence` are left out.
    """

    def __init__(self, pictures: Pictures, manifest: Manifest, confidence: float) -> None:
        self._pictures = pictures
        self._manifest = manifest
        self._confidence = confidence
        self.model_id = pictures.engine.model_id
        self.class_names = manifest.class_names

    @property
    def batch(self) -> int:
        """How many pictures the model takes at once."""
        return 1

    def detect_all(self, pictures: Sequence[Planes]) -> list[Detections]:
        """Return what is in each picture; see `Detector`."""
        return [
            seen
            for at in range(0, len(pictures), self.batch)
            for seen in self._some(pictures[at : at + self.batch])
        ]

    def detect(self, planes: Planes) -> Detections:
        """Return what is in the picture; see `Detector`."""
        return self._some([planes])[0]

    @abstractmethod
    def _some(self, pictures: Sequence[Planes]) -> list[Detections]:
        """Look at no more pictures than `batch`."""

    def close(self) -> None:
        """Free the engine; a second call does nothing."""
        self._pictures.close()

    def _probabilities(self, score: Float32Array) -> Float32Array:
        """Return the scores, held to be probabilities.

        Raises:
            TensorError: they are something else, such as logits.
        """
        if score.size and not -_ROUNDING <= score.min() <= score.max() <= 1 + _ROUNDING:
            raise TensorError(
                f"{self.model_id}: scores lie in {score.min():.3g}…{score.max():.3g}, not in 0…1; "
                f"its outputs are not those of decoder {self._manifest.decoder!r}"
            )
        return np.clip(score, 0, 1)

    def _sure(self, score: Float32Array) -> npt.NDArray[np.bool_]:
        """Say which scores suffice; nothing scores 0."""
        return np.asarray((score >= self._confidence) & (score > 0))
