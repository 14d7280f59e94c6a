"""What was shown before, sent or not: the reason why a repeat is not novel."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from gleancam.selectors.centre import SeenEntry
from gleancam.selectors.vectors import MAX_COSINE_DISTANCE, Nearest, VectorTable
from gleancam_engines.planes import Float32Array

FindCentres: TypeAlias = Callable[[Float32Array], "tuple[npt.NDArray[np.intp], Float32Array]"]
"""Gives rows of and distances to the sent centres nearest to `(N, D)` vectors."""
_BLOCK = 256
"""Entries measured at once: a few megabytes."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which entries count.

    Attributes:
        before_ns: those first seen before.
        within: those no farther from their own centre, a cosine distance.
    """

    before_ns: int
    within: float


class SeenMemory:
    """A thinned record of embedded frames, each with the time it was first and last seen.

    Only frames near a sent centre are recorded, and each entry carries its own distance to that
    centre, so that what suppresses a frame is never itself suppressed: suppression does not chain.
    A frame within `radius` of an entry refreshes it; when full, the entry not seen for longest
    makes room.

    Args:
        capacity: entries at most.
        radius: cosine distance below which two frames share an entry.
    """

    def __init__(self, capacity: int, radius: float) -> None:
        self._table = VectorTable(capacity)
        self._capacity = capacity
        self._radius = radius
        self._first_ns: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self._last_ns: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self._stored_ns: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self._own: Float32Array = np.zeros(capacity, np.float32)
        self._centre: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)

    def __len__(self) -> int:
        return len(self._table)

    def foresee(self, vectors: Sequence[Float32Array]) -> None:
        """Be asked about these next, `(D,)` each; see `VectorTable`."""
        self._table.foresee(vectors)

    def nearest(self, embedding: Float32Array, *reaches: Reach) -> float:
        """Cosine distance to the nearest entry within one of the reaches; 2 without one."""
        counts = np.zeros(self._capacity, np.bool_)
        for reach in reaches:
            counts |= (self._first_ns < reach.before_ns) & (self._own <= reach.within)
        found = self._table.nearest(embedding, among=counts)
        return found.distance if found else MAX_COSINE_DISTANCE

    def see(self, embedding: Float32Array, now_ns: int, centre: Nearest) -> None:
        """Record a frame that lies near a sent centre."""
        found = self._table.nearest(embedding)
        if found is not None and found.distance <= self._radius:
            self._last_ns[found.row] = now_ns
            return
        row = self._table.put(embedding, self._oldest())
        self._own[row], self._centre[row] = centre.distance, centre.row
        self._first_ns[row] = self._last_ns[row] = self._stored_ns[row] = now_ns

    def rehang(self, gone: Collection[int], find: FindCentres, within: float) -> None:
        """Measure again the entries of centres that are gone; drop those farther than `within`."""
        hung = np.flatnonzero(np.isin(self._centre, list(gone)) & self._table.used)
        for begins in range(0, hung.size, _BLOCK):
            rows = hung[begins : begins + _BLOCK]
            self._centre[rows], self._own[rows] = find(self._table.vectors(rows))
            self._table.changed.update(rows.tolist())
            self._table.free(rows[self._own[rows] >= within].tolist())

    def restore(self, entry: SeenEntry) -> None:
        """Put an entry back where it was, into a memory of the same capacity."""
        row = self._table.put(entry.vector, entry.row)
        self._own[row], self._centre[row] = entry.own, entry.centre
        self._first_ns[row] = entry.first_ns
        self._last_ns[row] = self._stored_ns[row] = entry.last_ns

    def drain(self, store_every_ns: int) -> list[tuple[int, SeenEntry | None]]:
        """Rows that changed since the last call; see `CentreMemory.drain`."""
        late = self._last_ns - self._stored_ns >= store_every_ns
        rows = sorted({*self._table.changed, *np.flatnonzero(late & self._table.used).tolist()})
        self._table.changed.clear()
        self._stored_ns[rows] = self._last_ns[rows]
        return [(row, self._entry(row) if self._table.used[row] else None) for row in rows]

    def _entry(self, row: int) -> SeenEntry:
        return SeenEntry(
            row,
            self._table.vector(row),
            int(self._first_ns[row]),
            int(self._last_ns[row]),
            float(self._own[row]),
            int(self._centre[row]),
        )

    def _oldest(self) -> int | None:
        """The row that makes room; None while there is a free one."""
        return None if len(self) < self._capacity else int(self._last_ns.argmin())
