"""Distances to vectors that are known before they are asked about: one matrix product for all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gleancam_engines.planes import Float32Array

_FARTHEST = 2.0
_ROWS = 32
_ALONE = 2**18
"""Multiplications up to which OpenBLAS keeps a product on the calling thread (interface/gemm.c)."""


class Foresight:
    """Cosine distances from each of N vectors to the rows of a table, kept up to date.

    A product of two matrices reads the table once for many vectors: for a table of 4096 rows that
    is five times cheaper than a product with each. Answers differ by float32 rounding alone.

    Args:
        vectors: N times `(D,)` float32 of norm 1, told apart by identity; not to be changed.
        matrix: `(top, D)`, the table's rows in use and not.
        rows: the table may grow to; beyond, nothing is foreseen any more.
    """

    def __init__(self, vectors: Sequence[Float32Array], matrix: Float32Array, rows: int) -> None:
        self._vectors = tuple(vectors)
        self._stacked: Float32Array = np.stack(self._vectors)
        self._place = {id(vector): place for place, vector in enumerate(self._vectors)}
        self._distances: Float32Array = np.full((len(self._vectors), rows), np.inf, np.float32)
        if len(matrix):
            self._distances[:, : len(matrix)] = _clipped(1 - _products(self._stacked, matrix))

    def answer(self, vector: Float32Array, top: int) -> Float32Array | None:
        """`(top,)` float32, infinite where nothing is; None for a vector that was not foreseen."""
        place = self._place.get(id(vector))
        return None if place is None else self._distances[place, :top]

    def put(self, vector: Float32Array, row: int) -> bool:
        """Take note that a row was written; False when it lies beyond what was foreseen."""
        if row >= self._distances.shape[1]:
            return False
        self._distances[:, row] = _clipped(1 - np.einsum("ij,j->i", self._stacked, vector))
        return True

    def free(self, rows: Sequence[int]) -> None:
        """Take note that rows were given up."""
        self._distances[:, list(rows)] = np.inf


def _products(vectors: Float32Array, matrix: Float32Array) -> Float32Array:
    """`(N, K)` float32: every vector times every row, on this thread alone.

    One product for all would wake OpenBLAS's threads, which then wait for more at full speed: that
    doubled the processor time of a whole replay.
    """
    products: Float32Array = np.empty((len(vectors), len(matrix)), np.float32)
    whole = len(matrix) // _ROWS * _ROWS
    blocks = matrix[:whole].reshape(-1, _ROWS, matrix.shape[1])
    step = max(1, _ALONE // (_ROWS * matrix.shape[1]))
    for begin in range(0, len(vectors), step):
        some = vectors[begin : begin + step]
        products[begin : begin + step, :whole] = (blocks @ some.T).reshape(whole, len(some)).T
        products[begin : begin + step, whole:] = some @ matrix[whole:].T
    return products


def _clipped(distances: Float32Array) -> Float32Array:
    """Cut off what rounding left outside 0…2."""
    np.clip(distances, 0, _FARTHEST, out=distances)
    return distances
