"""What detectors whose model takes one picture and nothing else have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam_engines import layouts
from gleancam_engines.detections import Detections
from gleancam_engines.detectors.boxes import bounded, in_frame
from gleancam_engines.detectors.model import ModelDetector
from gleancam_engines.errors import TensorError
from gleancam_engines.placement import place
from gleancam_engines.planes import Float32Array, Planes


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Boxes in the model's input, in any order.

    Attributes:
        xyxy: `(N, 4)` float32, corners in input pixels.
        score: `(N,)` float32 in 0…1.
        class_id: `(N,)` int32, an index into the manifest's classes.
    """

    xyxy: Float32Array
    score: Float32Array
    class_id: npt.NDArray[np.int32]


class PictureDetector(ModelDetector):
    """Preprocess, infer, `_decode`, undo the placement."""

    def detect(self, planes: Planes) -> Detections:
        """Return what is in the picture; see `Detector`."""
        found = self._decode(self._by_role(self._pictures.infer([planes])))
        placement = place(planes.width, planes.height, self._manifest.preprocess)
        source = placement.to_source(bounded(found.xyxy))
        return in_frame(source, found.score, found.class_id, planes, self._manifest)

    @abstractmethod
    def _decode(self, results: Mapping[str, Float32Array]) -> Found:
        """Read the outputs, by role, whose shapes are those of the decoder's layout."""

    def _by_role(self, raw: Mapping[str, npt.NDArray[np.generic]]) -> dict[str, Float32Array]:
        named: dict[str, str] = {one.role: one.name for one in self._manifest.outputs}
        results = {role: raw[name].astype(np.float32) for role, name in named.items()}
        shapes = [(role, array.shape) for role, array in results.items()]
        if wrong := layouts.fault(self._manifest.decoder, shapes, self._manifest.vocabulary):
            raise TensorError(f"{self.model_id}: {wrong}")
        return results
