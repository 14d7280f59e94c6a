"""What detectors whose model takes one picture and nothing else have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam_engines import layouts
from gleancam_engines.detections import Detections
from gleancam_engines.detectors.boxes import bounded, in_frame
from gleancam_engines.detectors.model import ModelDetector
from gleancam_engines.errors import TensorError
from gleancam_engines.manifest import Manifest
from gleancam_engines.pictures import Pictures
from gleancam_engines.placement import place
from gleancam_engines.planes import Float32Array, Planes

MOST_AT_ONCE = 8
"""Of a model that takes any number: more at once are hardly faster, and take more memory."""


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

    def __init__(self, pictures: Pictures, manifest: Manifest, confidence: float) -> None:
        super().__init__(pictures, manifest, confidence)
        most = pictures.engine.largest_batch or MOST_AT_ONCE
        self._batch = most if manifest.batched else 1

    @property
    def batch(self) -> int:
        """How many pictures the model takes at once."""
        return self._batch

    def _some(self, pictures: Sequence[Planes]) -> list[Detections]:
        rows = self._rows(self._pictures.infer(pictures), len(pictures))
        return [self._one(planes, row) for planes, row in zip(pictures, rows, strict=True)]

    def _one(self, planes: Planes, results: Mapping[str, Float32Array]) -> Detections:
        found = self._decode(results)
        placement = place(planes.width, planes.height, self._manifest.preprocess)
        source = placement.to_source(bounded(found.xyxy))
        return in_frame(source, found.score, found.class_id, planes, self._manifest)

    @abstractmethod
    def _decode(self, results: Mapping[str, Float32Array]) -> Found:
        """Read the outputs, by role, whose shapes are those of the decoder's layout."""

    def _rows(
        self, raw: Mapping[str, npt.NDArray[np.generic]], count: int
    ) -> list[dict[str, Float32Array]]:
        """Give each picture its part of the outputs, by role, in the shapes of one picture."""
        named: dict[str, str] = {one.role: one.name for one in self._manifest.outputs}
        results = {role: raw[name].astype(np.float32) for role, name in named.items()}
        shapes = [(role, _of_one(array.shape, count)) for role, array in results.items()]
        if wrong := layouts.fault(self._manifest.decoder, shapes, self._manifest.vocabulary):
            raise TensorError(f"{self.model_id}: {wrong}")
        return [
            {role: array[at : at + 1] for role, array in results.items()} for at in range(count)
        ]


def _of_one(shape: tuple[int, ...], count: int) -> tuple[int, ...]:
    """Return the shape of one picture's part; of an output that is not for each, all of it."""
    return (1, *shape[1:]) if shape[:1] == (count,) else shape
