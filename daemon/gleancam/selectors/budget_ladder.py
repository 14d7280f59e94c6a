"""What each of many thresholds would keep: demand counted in different things, not in frames."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam.selectors.vectors import products
from gleancam_engines.planes import Float32Array

RUNGS = 16
_STEP = 1.25
_ROOM = 64
"""Things remembered for each rung."""


def rungs(finest: float) -> npt.NDArray[np.float64]:
    """`(16,)` cosine distances, each a quarter more than the one before."""
    ladder: npt.NDArray[np.float64] = finest * _STEP ** np.arange(RUNGS, dtype=np.float64)
    return ladder


class Ladder:
    """For each of 16 thresholds, the unlike things that it would have kept and that were not sent.

    A frame is an *event* of a rung when it scores at least that much, so that nothing sent
    resembles it, and lies at least so far from that rung's own unsent things. So wind that hovers
    around one place, a visit that takes a minute and a type of visit that comes every hour are a
    few events, however many frames they have. It is the insert-only net of streaming k-center
    (`memory.py`), of as many radii at once as there may be thresholds.

    Each rung forgets its oldest thing when it has 64. A restart forgets all: what was seen and not
    sent counts once more then.

    Time is O(16 · 64 · D) for a frame that scores above the lowest rung; others cost nothing.
    """

    def __init__(self, finest: float) -> None:
        self._rungs = rungs(finest)
        self._things: Float32Array = np.empty((RUNGS, 0, 0), np.float32)
        self._count: npt.NDArray[np.int64] = np.zeros(RUNGS, np.int64)

    def events(
        self, embedding: Float32Array, score: float, floor: float, *, sent: bool
    ) -> npt.NDArray[np.bool_]:
        """`(16,)`: the rungs of which this frame is an event; none lies below the floor.

        Args:
            embedding: `(D,)`, norm 1.
            score: cosine distance, 0…2, to what was sent.
            floor: the camera's noise floor, a cosine distance.
            sent: it was kept, so that from now on it shows in the scores.
        """
        least = np.maximum(self._rungs, floor)
        event = least <= score
        high = int(event.sum())
        if not high:
            return event
        event[:high] &= self._nearest(embedding, high) >= least[:high]
        if not sent:
            self._remember(embedding, np.flatnonzero(event))
        return event

    def _nearest(self, embedding: Float32Array, high: int) -> Float32Array:
        """`(high,)`: cosine distance to the nearest thing of each of the lowest rungs."""
        if not self._things.size:
            self._things = np.zeros((RUNGS, _ROOM, len(embedding)), np.float32)
        rows = self._things[:high].reshape(-1, len(embedding))
        distances = 1 - products(rows, embedding).reshape(high, _ROOM)
        # An empty place is a vector of zeros, and would seem to lie at 1.
        distances[np.arange(_ROOM) >= self._count[:high, None]] = np.inf
        nearest: Float32Array = distances.min(axis=1)
        return nearest

    def _remember(self, embedding: Float32Array, high: npt.NDArray[np.intp]) -> None:
        self._things[high, self._count[high] % _ROOM] = embedding
        self._count[high] += 1
