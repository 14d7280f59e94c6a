"""A bounded set of embeddings, the centres, that stays near everything it was shown.

Streaming k-center by doubling (Charikar, Chekuri, Feder, Motwani: Incremental clustering and
dynamic information retrieval, STOC 1997). Distances are chords, √(2 - 2cos), which are a metric;
the cosine distance itself is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gleancam.selectors.centre import Centre
from gleancam.selectors.doubling import mergers
from gleancam.selectors.vectors import MAX_COSINE_DISTANCE, Nearest, VectorTable
from gleancam_engines.planes import Float32Array

COVERING = 3
"""Everything shown lies within so many times the chord of `radius` of a centre."""
_GOLDEN = (math.sqrt(5) - 1) / 2


def chord(cosine_distance: float) -> float:
    """Chord of the unit sphere that belongs to a cosine distance 0…2."""
    return math.sqrt(2 * cosine_distance)


class CentreMemory:
    """At most `capacity` centres, each of a frame that was sent or was not.

    An embedding `radius` or farther from every centre becomes one. A sent one also becomes one
    when only unsent centres lie nearer, and takes their place, so that distances to what was sent
    are exact. When that is one too many, the chord r of `radius` doubles and centres nearer than
    that merge: into sent ones first, then into older ones. So at any time:

    - packing: centres lie at least r apart;
    - covering: everything shown lies within 3r of a centre, and within 2r of an unsent one or
      while r has not doubled yet;
    - r is the initial one, or less than 4 times the least radius with which any `capacity` points
      could cover the same embeddings; covering is within 12 times of it, and within 8 (the
      paper's factor) where no sent frame took an unsent one's place.

    Why 3: a new centre covers 1r. A merger adds the new r to at most 3 old ones, which are 1.5 new
    ones, of a sent centre, or to 2, which are 1, of an unsent one; a sent frame that takes an
    unsent one's place adds r to its 2.

    `forget` removes whole centres. What it removes was last within `radius` of a frame at least a
    half-life ago, so that covering still holds for everything younger; r never shrinks.

    Time of `cover` and `find_sent` is O(capacity · D), that of a doubling O(capacity² · D), of
    which there are at most log2(2 / r). Nothing grows with the number of embeddings shown. Times
    are nanoseconds on whatever clock the caller keeps to.

    Args:
        capacity: centres at most, ≥ 1.
        radius: cosine distance, above 0.
    """

    def __init__(self, capacity: int, radius: float) -> None:
        rows = capacity + 1
        self._capacity = capacity
        self._table = VectorTable(rows)
        self._sent: npt.NDArray[np.bool_] = np.zeros(rows, np.bool_)
        self._last_ns: npt.NDArray[np.int64] = np.zeros(rows, np.int64)
        self._stored_ns: npt.NDArray[np.int64] = np.zeros(rows, np.int64)
        self._order: npt.NDArray[np.int64] = np.zeros(rows, np.int64)
        self._ids = [""] * rows
        self._next = 0
        self.radius = radius

    def __len__(self) -> int:
        return len(self._table)

    @property
    def sent(self) -> int:
        """How many centres were sent."""
        return int(self._sent.sum())

    def centres(self) -> list[Centre]:
        """All centres, oldest first."""
        rows = np.flatnonzero(self._table.used)
        return [self.centre(int(row)) for row in rows[self._order[rows].argsort()]]

    def centre(self, row: int) -> Centre:
        """One centre."""
        vector, order = self._table.vector(row), int(self._order[row])
        return Centre(row, vector, order, int(self._last_ns[row]), self._ids[row])

    def foresee(self, vectors: Sequence[Float32Array]) -> None:
        """Be asked about these next, `(D,)` each; see `VectorTable`."""
        self._table.foresee(vectors)

    def nearest_sent(self, embedding: Float32Array) -> tuple[float, str | None]:
        """Cosine distance to the nearest sent centre, and its id; (2, None) without one."""
        found = self.find_sent(embedding)
        return (found.distance, self._ids[found.row]) if found else (MAX_COSINE_DISTANCE, None)

    def nearest_sent_rows(self, vectors: Float32Array) -> tuple[npt.NDArray[np.intp], Float32Array]:
        """Row of and distance to the sent centre nearest to each of `(N, D)`: `(N,)` each.

        The distance is infinite where there is none.
        """
        distances = self._table.all_distances(vectors)
        distances[:, ~self._sent[: self._table.top]] = np.inf
        rows = distances.argmin(axis=1)
        return rows, distances[np.arange(len(vectors)), rows]

    def find_sent(self, embedding: Float32Array) -> Nearest | None:
        """Give row and distance of the nearest sent centre; None without one."""
        return self._table.nearest(embedding, among=self._sent)

    def cover(
        self, embedding: Float32Array, now_ns: int, sent_id: str = "", apart: float = 0.0
    ) -> tuple[int, ...]:
        """Take in one embedding; `sent_id` is its sample's when it was sent.

        Unsent ones nearer than `apart` to a centre become none, though `radius` be smaller: then
        they lie within it instead. So a net that may become fine need not be so before it has to.

        Returns:
            Rows of sent centres that merged away: whoever refers to them has to look again.
        """
        distances = self._table.distances(embedding)
        near = distances < (self.radius if sent_id else max(self.radius, apart))
        if near.any() and (not sent_id or (near & self._sent[: near.size]).any()):
            self._touch(int(distances.argmin()), now_ns)
            return ()
        self._table.free(np.flatnonzero(near).tolist())
        self._write(self._table.put(embedding), self._next, now_ns, sent_id)
        self._next += 1
        merged: list[int] = []
        while len(self._table) > self._capacity:
            self.radius = min(4 * self.radius, 2 * MAX_COSINE_DISTANCE)
            merged += self._merge()
        return tuple(merged)

    def forget(self, now_ns: int, half_life_ns: int) -> tuple[int, ...]:
        """Remove half of what was not seen for a half-life, a quarter more after two, and so on.

        Which ones go is spread evenly over the centres by their age rank (the golden ratio's
        multiples fill 0…1 evenly), so that the same stream forgets the same.

        Returns:
            As `cover`.
        """
        evenly = (self._order + 1) * _GOLDEN % 1
        lifetime_ns = half_life_ns * np.maximum(1, -np.log2(np.maximum(evenly, 1e-9)))
        gone = self._table.used & (now_ns - self._last_ns > lifetime_ns)
        rows = np.flatnonzero(gone)
        merged = rows[self._sent[rows]].tolist()
        self._sent[rows] = False
        self._table.free(rows.tolist())
        return tuple(merged)

    def restore(self, centre: Centre, late_ns: int) -> None:
        """Put a centre back where it was, into a memory of the same capacity and radius.

        It may have been seen up to `late_ns` later than was stored, and is taken to have been.
        """
        self._table.put(centre.vector, centre.row)
        self._write(centre.row, centre.order, centre.last_ns, centre.sent_id)
        self._last_ns[centre.row] += late_ns
        self._next = max(self._next, centre.order + 1)

    def drain(self, store_every_ns: int) -> list[tuple[int, Centre | None]]:
        """Rows that changed since the last call, each with what is there now, None when nothing.

        That a centre was seen again counts as a change only `store_every_ns` after it was last
        stored.
        """
        late = self._last_ns - self._stored_ns >= store_every_ns
        rows = sorted({*self._table.changed, *np.flatnonzero(late & self._table.used).tolist()})
        self._table.changed.clear()
        self._stored_ns[rows] = self._last_ns[rows]
        return [(row, self.centre(row) if self._table.used[row] else None) for row in rows]

    def _touch(self, row: int, now_ns: int) -> None:
        self._last_ns[row] = max(self._last_ns[row], now_ns)

    def _write(self, row: int, order: int, last_ns: int, sent_id: str) -> None:
        self._order[row], self._ids[row] = order, sent_id
        self._sent[row] = bool(sent_id)
        self._last_ns[row] = self._stored_ns[row] = last_ns

    def _merge(self) -> list[int]:
        """Merge centres nearer than the radius; return the rows of sent ones that went."""
        rows = np.flatnonzero(self._table.used)
        order = rows[np.lexsort((self._order[rows], ~self._sent[rows]))]
        merged: list[int] = []
        for stays, goes in list(mergers(self._table, order, self.radius)):
            if goes.size:
                self._touch(stays, int(self._last_ns[goes].max()))
                self._table.changed.add(stays)
            self._table.free(goes.tolist())
            merged += goes[self._sent[goes]].tolist()
            self._sent[goes] = False
        return merged
