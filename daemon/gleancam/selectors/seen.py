"""What a camera has shown before, sent or not: the reason why a repeat is not novel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam.selectors.vectors import MAX_COSINE_DISTANCE, VectorTable
from gleancam_engines.planes import Float32Array


class SeenMemory:
    """A thinned record of embedded frames, each with the time it was first and last seen.

    Only frames within reach of a kept one are recorded, so that what suppresses a frame is never
    itself suppressed: suppression does not chain. A frame within `radius` of an entry refreshes
    it; when full, the entry not seen for longest makes room.

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

    def __len__(self) -> int:
        return len(self._table)

    def nearest(self, embedding: Float32Array, before_ns: int) -> float:
        """Cosine distance to the nearest entry first seen before `before_ns`; 2 without one."""
        old = self._first_ns[: len(self)] < before_ns
        found = self._table.nearest(embedding, among=old)
        return found.distance if found else MAX_COSINE_DISTANCE

    def see(self, embedding: Float32Array, mono_ns: int) -> None:
        """Record a frame that lies within reach of a kept one."""
        found = self._table.nearest(embedding)
        if found is not None and found.distance <= self._radius:
            self._last_ns[found.row] = mono_ns
            return
        row = self._free_row(embedding)
        self._first_ns[row] = self._last_ns[row] = mono_ns

    def _free_row(self, embedding: Float32Array) -> int:
        if len(self) < self._capacity:
            return self._table.append(embedding)
        row = int(self._last_ns.argmin())
        self._table.replace(row, embedding)
        return row
