"""How a score compares with those before it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_WINDOW = 1024


class ScoreRanks:
    """The latest 1024 scores of one camera."""

    def __init__(self) -> None:
        self._scores: npt.NDArray[np.float64] = np.zeros(_WINDOW)
        self._count = 0

    def rank(self, score: float) -> float | None:
        """Share of the past scores that are smaller, 0…1; None while there are none."""
        known = self._scores[: min(self._count, _WINDOW)]
        return int(np.count_nonzero(known < score)) / known.size if known.size else None

    def learn(self, score: float) -> None:
        """Take note of a score."""
        self._scores[self._count % _WINDOW] = score
        self._count += 1
