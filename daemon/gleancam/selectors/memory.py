"""A bounded set of embeddings that stays near everything it was shown.

Streaming k-center by doubling (Charikar, Chekuri, Feder, Motwani: Incremental clustering and
dynamic information retrieval, STOC 1997). Distances are chords, √(2 - 2cos), which are a metric;
the cosine distance itself is not.
"""

from __future__ import annotations

import math

import numpy as np

from gleancam.selectors.vectors import MAX_COSINE_DISTANCE, Nearest, VectorTable
from gleancam_engines.planes import Float32Array


def chord(cosine_distance: float) -> float:
    """Chord of the unit sphere that belongs to a cosine distance 0…2."""
    return math.sqrt(2 * cosine_distance)


class CentreMemory:
    """At most `capacity` centres that cover everything inserted, within `radius`.

    An embedding `radius` or farther from every centre becomes one. When that is one too many,
    the chord of `radius` doubles and centres within half of it merge into the older one, until
    one has gone. So at any time, with R the chord of `radius`:

    - covering: everything ever inserted lies within R of a centre;
    - packing: centres lie at least R / 2 apart;
    - R is the initial one, or at most 8 times the least radius with which any `capacity` points
      could cover the same embeddings.

    Nothing is forgotten: the memory grows coarser, never longer. Time of `insert` and `nearest`
    is O(capacity · D), and nothing grows with the number of insertions.

    Args:
        capacity: centres at most, ≥ 1.
        radius: cosine distance, 0…2, both exclusive of 0.
    """

    def __init__(self, capacity: int, radius: float) -> None:
        self._table = VectorTable(capacity + 1)
        self._ids: list[str] = []
        self._capacity = capacity
        self.radius = radius

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def centres(self) -> Float32Array:
        """`(K, D)` float32, oldest first; a read-only view, valid until the next insertion."""
        return self._table.rows

    @property
    def ids(self) -> tuple[str, ...]:
        """Of the centres, in their order."""
        return tuple(self._ids)

    def nearest(self, embedding: Float32Array) -> tuple[float, str | None]:
        """Cosine distance to the nearest centre, and its id; (2, None) while there is none."""
        found = self.find(embedding)
        return (found.distance, self._ids[found.row]) if found else (MAX_COSINE_DISTANCE, None)

    def find(self, embedding: Float32Array) -> Nearest | None:
        """Give row and distance of the nearest centre; None while there is none."""
        return self._table.nearest(embedding)

    def insert(self, embedding: Float32Array, sample_id: str) -> bool:
        """Cover `embedding`; True when it became a centre."""
        found = self.find(embedding)
        if found is not None and found.distance < self.radius:
            return False
        self._table.append(embedding)
        self._ids.append(sample_id)
        while len(self._ids) > self._capacity:
            self._double()
        return True

    def _double(self) -> None:
        self.radius *= 4
        stays = _apart(self._table.rows, self.radius / 4)
        self._table.keep(stays)
        self._ids = [self._ids[row] for row in stays]


def _apart(rows: Float32Array, distance: float) -> list[int]:
    """Greedily choose rows, oldest first, that lie at least `distance` from each other."""
    chosen = [0]
    nearest = 1 - rows @ rows[0]
    for row in range(1, len(rows)):
        if nearest[row] >= distance:
            chosen.append(row)
            nearest = np.minimum(nearest, 1 - rows @ rows[row])
    return chosen
