"""From the numbers a model gives its classes to indices into the manifest's names."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam_engines.errors import TensorError
from gleancam_engines.manifest import Manifest
from gleancam_engines.planes import Float32Array


class ClassNumbers:
    """The manifest's `class_ids`, ready to be looked up."""

    def __init__(self, manifest: Manifest) -> None:
        numbers = manifest.class_numbers
        self._model_id = manifest.model_id
        self._table = np.full(max(numbers) + 1, -1, np.int32)
        self._table[list(numbers)] = np.arange(len(numbers), dtype=np.int32)

    def look_up(self, numbers: Float32Array) -> npt.NDArray[np.int32]:
        """Return `(N,)` int32 indices into the names; -1 for a gap in `class_ids`.

        Raises:
            TensorError: a number is no whole number, below 0, or above all of `class_ids`.
        """
        whole = np.rint(numbers)
        wrong = (whole != numbers) | (whole < 0) | (whole >= len(self._table))
        if wrong.any():
            raise TensorError(
                f"{self._model_id}: class id {numbers[wrong][0]:g}, but the manifest's go from 0 "
                f"to {len(self._table) - 1}; correct its decoder, classes or class_ids"
            )
        return np.asarray(self._table[whole.astype(np.intp)])
