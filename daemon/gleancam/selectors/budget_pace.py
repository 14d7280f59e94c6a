"""How much of a period's demand is still to come."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

HOURS = 24
_PER_SAMPLE = 10.0
"""Candidates for each sample of the budget, until a day has shown how many there are."""
_BUSY_SHARE = 1 / 3
"""Of a day that is not known yet: what comes now will go on for a third of what is left."""
_LEAST_HOUR = 1 / 60
_LIKENESS = (0.5, 2.0)
"""How much quieter or busier than usual a day may be taken to be."""


class Pace:
    """Counts candidates in the 24 hours of a period (of an hour: its 24 parts).

    A camera's days are alike: what is still to come is what came in the hours that are left, on
    the days before, scaled by how today compares so far. On the first day it is what came in the
    last hour, for a third of the time that is left, and at least 10 for each sample of the budget.
    """

    def __init__(self) -> None:
        self.today: npt.NDArray[np.float64] = np.zeros(HOURS)
        self.usual: npt.NDArray[np.float64] | None = None

    def count(self, phase: float) -> None:
        """Note a candidate."""
        self.today[int(phase * HOURS)] += 1

    def turn(self) -> None:
        """Begin a new period: the day that ends is what is usual, half and half with before."""
        self.usual = self.today if self.usual is None else (self.usual + self.today) / 2
        self.today = np.zeros(HOURS)

    def done(self, phase: float) -> float:
        """Share of a usual period's candidates that have come by now, 0…1."""
        if self.usual is None or not self.usual.sum():
            return phase
        return self._before(self.usual, phase) / float(self.usual.sum())

    def to_come(self, phase: float, samples: float) -> float:
        """Candidates expected until the period ends, of which `samples` may be kept in all."""
        if self.usual is None:
            latest = self._latest(phase) * HOURS * _BUSY_SHARE
            return (1 - phase) * max(latest, _PER_SAMPLE * samples)
        before = self._before(self.usual, phase)
        likeness = float(self.today.sum() + 1) / (before + 1)
        return (float(self.usual.sum()) - before) * min(max(likeness, _LIKENESS[0]), _LIKENESS[1])

    @staticmethod
    def _before(hours: npt.NDArray[np.float64], phase: float) -> float:
        hour, part = int(phase * HOURS), phase * HOURS % 1
        return float(hours[:hour].sum() + part * hours[hour])

    def _latest(self, phase: float) -> float:
        """Candidates within the last hour."""
        hour, part = int(phase * HOURS), max(phase * HOURS % 1, _LEAST_HOUR)
        if hour == 0:
            return float(self.today[0]) / part
        return float(self.today[hour] + (1 - part) * self.today[hour - 1])
