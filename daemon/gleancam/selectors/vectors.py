"""Unit vectors in one preallocated matrix, searched exactly.

An approximate index is unsafe here: one cluster it cannot reach is a false "novel".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam.selectors.foresight import Foresight
from gleancam_engines.planes import Float32Array

MAX_COSINE_DISTANCE = 2.0
"""Between opposite vectors: what "nothing to compare with" is given as."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """A row of the table and its cosine distance, 0…2."""

    row: int
    distance: float


class VectorTable:
    """At most `capacity` rows of one dimension, which the first row fixes.

    A row keeps its number while it is in use; the lowest free number is given out first. Several
    questions about one vector cost one matrix product: the last answer is kept up to date. So a
    vector that was asked about must not be changed.

    Attributes:
        used: `(capacity,)` bool, the rows that hold a vector.
        changed: rows written or freed since somebody last cleared it; who stores rows reads it.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._matrix: Float32Array = np.empty((0, 0), np.float32)
        self._count = 0
        self._top = 0
        self._asked: Float32Array | None = None
        self._foresight: Foresight | None = None
        self._answer: Float32Array = np.full(capacity, np.inf, np.float32)
        self.used: npt.NDArray[np.bool_] = np.zeros(capacity, np.bool_)
        self.changed: set[int] = set()

    def __len__(self) -> int:
        return self._count

    @property
    def top(self) -> int:
        """One more than the highest row number ever used."""
        return self._top

    def vector(self, row: int) -> Float32Array:
        """`(D,)` float32: a read-only view, valid until the next change."""
        view: Float32Array = self._matrix[row]
        view.setflags(write=False)
        return view

    def foresee(self, vectors: Sequence[Float32Array]) -> None:
        """Be asked about these next, `(D,)` float32 each: faster, if they are many.

        What else is asked or written meanwhile is answered as ever.
        """
        rows = min(self._capacity, self._top + 2 * len(vectors))
        matrix = self._matrix[: self._top]
        self._foresight = Foresight(vectors, matrix, rows) if len(vectors) else None
        if self._foresight is not None:
            self._foresight.free(np.flatnonzero(~self.used[: self._top]).tolist())

    def distances(self, vector: Float32Array) -> Float32Array:
        """`(top,)` float32: cosine distance of each row to `vector`, 0…2; infinite where free.

        A read-only view, valid until the next question or change.
        """
        if self._foresight is not None:
            foreseen = self._foresight.answer(vector, self._top)
            if foreseen is not None:
                foreseen.setflags(write=False)
                return foreseen
        answer: Float32Array = self._answer[: self._top]
        if self._top and vector is not self._asked:
            np.subtract(1, products(self._matrix[: self._top], vector), out=answer)
            self._tidy(answer, self.used[: self._top])
            self._asked = vector
        answer.setflags(write=False)
        return answer

    def vectors(self, rows: npt.NDArray[np.intp]) -> Float32Array:
        """`(len(rows), D)` float32: a copy of these rows."""
        return self._matrix[rows]

    def all_distances(self, vectors: Float32Array) -> Float32Array:
        """`(N, top)` float32: as `distances`, from each of `(N, D)` vectors."""
        answer = 1 - vectors @ self._matrix[: self._top].T
        return self._tidy(answer, self.used[: self._top])

    @staticmethod
    def _tidy(distances: Float32Array, used: npt.NDArray[np.bool_]) -> Float32Array:
        """Cut off what rounding left outside 0…2; free rows are infinitely far away."""
        np.clip(distances, 0, MAX_COSINE_DISTANCE, out=distances)
        distances[..., ~used] = np.inf
        return distances

    def nearest(
        self, vector: Float32Array, among: npt.NDArray[np.bool_] | None = None
    ) -> Nearest | None:
        """Find the row nearest to `vector`; None when no row may be chosen.

        `among` is `(capacity,)` bool, the rows that may be chosen; all when None.
        """
        distances = self.distances(vector)
        if among is not None:
            distances = np.where(among[: self._top], distances, np.float32(np.inf))
        return smallest(distances)

    def put(self, vector: Float32Array, row: int | None = None) -> int:
        """Store `vector` in `row`, or in a free one, and return which; the caller leaves room."""
        if not self._matrix.size:
            self._matrix = np.empty((self._capacity, vector.size), np.float32)
        if row is None:
            row = int(self.used.argmin())
        self._count += not self.used[row]
        self._matrix[row] = vector
        self.used[row] = True
        self._top = max(self._top, row + 1)
        self.changed.add(row)
        self._note_put(vector, row)
        if self._foresight is not None and not self._foresight.put(vector, row):
            self._foresight = None
        return row

    def free(self, rows: Iterable[int]) -> None:
        """Give up rows that are in use."""
        rows = tuple(rows)
        if self._foresight is not None and rows:
            self._foresight.free(rows)
        for row in rows:
            self.used[row] = False
            self._count -= 1
            self._answer[row] = np.inf
            self.changed.add(row)

    def _note_put(self, vector: Float32Array, row: int) -> None:
        if self._asked is vector:
            self._answer[row] = max(0.0, 1 - float(vector @ vector))
        else:
            self._asked = None


def products(matrix: Float32Array, vector: Float32Array) -> Float32Array:
    """`(K,)` float32: every row times `vector`, on this thread alone.

    `@` spreads it over OpenBLAS's threads. For a millisecond's work they cost more than they give:
    with 4096 rows of 320 and both cores busy, 24 ms against 0.4.
    """
    return np.asarray(np.einsum("ij,j->i", matrix, vector))


def smallest(distances: Float32Array) -> Nearest | None:
    """Give the least finite distance and its row; None when there is none."""
    if not distances.size:
        return None
    row = int(distances.argmin())
    distance = float(distances[row])
    return Nearest(row, distance) if np.isfinite(distance) else None
