"""Unit vectors in one preallocated matrix, searched exactly.

An approximate index is unsafe here: one cluster it cannot reach is a false "novel".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam_engines.planes import Float32Array

MAX_COSINE_DISTANCE = 2.0
"""Between opposite vectors: what "nothing to compare with" is given as."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """A row of the table and its cosine distance, 0…2."""

    row: int
    distance: float


class VectorTable:
    """At most `capacity` rows of one dimension, which the first row fixes."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._matrix: Float32Array = np.empty((0, 0), np.float32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> Float32Array:
        """`(K, D)` float32: a read-only view, valid until the next change."""
        view = self._matrix[: self._count]
        view.setflags(write=False)
        return view

    def distances(self, vector: Float32Array) -> Float32Array:
        """`(K,)` float32: cosine distance of each row to `vector`, 0…2."""
        if not self._count:
            return np.empty(0, np.float32)
        return np.asarray(np.clip(1 - self._matrix[: self._count] @ vector, 0, 2))

    def nearest(
        self, vector: Float32Array, among: npt.NDArray[np.bool_] | None = None
    ) -> Nearest | None:
        """Find the row nearest to `vector`; None when no row may be chosen.

        `among` is `(K,)` bool, the rows that may be chosen; all when None.
        """
        distances = self.distances(vector)
        if among is not None:
            distances = np.where(among, distances, np.float32(np.inf))
        if not distances.size or not np.isfinite(distances.min()):
            return None
        row = int(distances.argmin())
        return Nearest(row, float(distances[row]))

    def append(self, vector: Float32Array) -> int:
        """Store `vector` and return its row; the caller keeps to the capacity."""
        if not self._matrix.size:
            self._matrix = np.empty((self._capacity, vector.size), np.float32)
        self._matrix[self._count] = vector
        self._count += 1
        return self._count - 1

    def replace(self, row: int, vector: Float32Array) -> None:
        """Store `vector` in place of `row`."""
        self._matrix[row] = vector

    def keep(self, rows: Sequence[int]) -> None:
        """Keep only these rows, in this order."""
        self._matrix[: len(rows)] = self._matrix[list(rows)]
        self._count = len(rows)
