"""How much of a period's demand is still to come, at every threshold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam.selectors.budget_ladder import RUNGS

HOURS = 24
_BUSY_SHARE = 1 / 3
_HASTE = 2.0
_DIMENSION = 2.0
_LIKE_BEFORE = 5.0


class Demand:
    """Counts events (`budget_ladder.py`) in the 24 hours of a period (of an hour: its 24 parts).
    """

    def __init__(self, prior: npt.NDArray[np.float64]) -> None:
        self.today: npt.NDArray[np.float64] = np.zeros((RUNGS, HOURS))
        self.usual: npt.NDArray[np.float64] | None = None
        self._prior = prior

    def count(self, phase: float, events: npt.NDArray[np.bool_]) -> None:
        self.today[events, int(phase * HOURS)] += 1

    def turn(self) -> None:
        self.usual = self.today if self.usual is None else (self.usual + self.today) / 2
        self.today = np.zeros((RUNGS, HOURS))

    def done(self, phase: float, rung: int) -> float:
        if self.usual is None or not self.usual[rung].sum():
            return 1 - (1 - phase) ** (1 / _BUSY_SHARE)
        return float(_before(self.usual, phase)[rung] / self.usual[rung].sum())

    def to_come(self, phase: float, samples: float) -> npt.NDArray[np.float64]:
        if self.usual is None:
            latest = self._latest(phase) * HOURS * (1 - phase) * _BUSY_SHARE
            prior = samples * (1 - phase) ** _HASTE * self._prior
            return _monotone(np.maximum(latest, prior))
        usual = np.minimum(self.usual, samples)
        before = _before(usual, phase)
        likeness = (_LIKE_BEFORE + self.today.sum(1)) / (_LIKE_BEFORE + before)
        return _monotone((usual.sum(1) - before) * likeness)

    def _latest(self, phase: float) -> npt.NDArray[np.float64]:
        hour, part = int(phase * HOURS), phase * HOURS % 1
        last = self.today[:, hour]
        return last + (1 - part) * self.today[:, hour - 1] if hour else last


def _before(hours: npt.NDArray[np.float64], phase: float) -> npt.NDArray[np.float64]:
    hour, part = int(phase * HOURS), phase * HOURS % 1
    before: npt.NDArray[np.float64] = hours[:, :hour].sum(1) + part * hours[:, hour]
    return before


def _monotone(by_rung: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    least: npt.NDArray[np.float64] = np.maximum.accumulate(by_rung[::-1])[::-1]
    return least
