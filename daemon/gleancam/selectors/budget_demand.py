"""How much of a period's demand is still to come, at every threshold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam.selectors.budget_ladder import RUNGS

HOURS = 24
_BUSY_SHARE = 1 / 6
"""Of a day that is not known yet: what comes now will go on for a sixth of what is left."""
_AGAIN_SHARE = 1 / 24
"""And for a 24th of what is left it will be as busy as in the busiest hour so far."""
_FADING = 2.5
"""How fast, as the time left shrinks, what was believed before the first frame is forgotten."""
_DIMENSION = 2.0
"""With half the distance there are 2² times as many unlike things: a guess, until they came."""
_LEAST_PART = 1 / 4
"""Of an hour: how soon its pace is believed."""
_MOST_AN_HOUR = 1 / 4
"""Of the budget: more than that in one hour, as in a storm, is not expected to come again."""
_AS_USUAL = 5.0
"""Events: how many of them it takes to believe half that a day is unlike those before."""


class Demand:
    """Counts events (`budget_ladder.py`) in the 24 hours of a period (of an hour: its 24 parts).

    Later days are like those before: what is to come, at each rung, is what came in the hours that
    are left, times how today compares so far (the mean of a Gamma distribution that begins at 1).

    On the first day it is the most of three guesses: what comes now goes on for a sixth of the
    time left; a 24th of it is like the busiest hour so far; and, while little has come, what
    was believed before the first frame: at the configured threshold there are as many things in a
    day as the budget has samples. That fades as time passes and as things come. All three would
    rather spend too soon than too late: a thing kept in the morning shows as much as one kept in
    the evening, and what is left at midnight shows nothing.

    Args:
        scale: `(16,)`, each rung in terms of the configured threshold.
        daily: the hours of a period are unlike each other, and the same every time. What comes in
            the parts of an hour is chance: there only the number counts.

    Attributes:
        today: `(16, 24)` events of each rung in each hour of this period.
        usual: those of the periods before, half and half; None in the first.
    """

    def __init__(self, scale: npt.NDArray[np.float64], *, daily: bool = True) -> None:
        self.today: npt.NDArray[np.float64] = np.zeros((RUNGS, HOURS))
        self.usual: npt.NDArray[np.float64] | None = None
        self._daily = daily
        self._believed = scale**-_DIMENSION

    def count(self, phase: float, events: npt.NDArray[np.bool_]) -> None:
        """Note of which rungs a frame was an event, `(16,)`; `phase` is 0…1."""
        self.today[events, int(phase * HOURS)] += 1

    def turn(self) -> None:
        """Begin a new period: the day that ends is what is usual, half and half with before."""
        even = np.repeat(self.today.mean(axis=1, keepdims=True), HOURS, axis=1)
        came = self.today if self._daily else even
        self.usual = came if self.usual is None else (self.usual + came) / 2
        self.today = np.zeros((RUNGS, HOURS))

    def done(self, phase: float, rung: int) -> float:
        """Share of a period's work that has come by now, 0…1, as far as it can be known."""
        if self.usual is None or not self.usual[rung].any():
            return float(1 - (1 - phase) ** (1 / _BUSY_SHARE))
        return float(_before(self.usual, phase)[rung] / self.usual[rung].sum())

    def to_come(self, phase: float, samples: float) -> npt.NDArray[np.float64]:
        """`(16,)`: events of each rung expected until the period ends; none exceeds one below.

        Args:
            phase: where in the period it is now, 0…1.
            samples: that the budget has room for in a period.
        """
        if self.usual is None:
            guess = self._unknown(phase, samples)
        else:
            guess = self._known(np.minimum(self.usual, _MOST_AN_HOUR * samples), phase)
        falling: npt.NDArray[np.float64] = np.maximum.accumulate(guess[::-1])[::-1]
        return falling

    def _unknown(self, phase: float, samples: float) -> npt.NDArray[np.float64]:
        came, left = self.today.sum(axis=1), HOURS * (1 - phase)
        on = self._pace(phase) * left * _BUSY_SHARE
        again = self.today.max(axis=1) * left * _AGAIN_SHARE
        believed = samples * self._believed
        fades = (1 - phase) ** _FADING * np.maximum(0, 1 - came / believed)
        guess: npt.NDArray[np.float64] = np.maximum.reduce([on, again, believed * fades])
        return guess

    def _known(self, usual: npt.NDArray[np.float64], phase: float) -> npt.NDArray[np.float64]:
        before = _before(usual, phase)
        likeness = (_AS_USUAL + self.today.sum(axis=1)) / (_AS_USUAL + before)
        rest: npt.NDArray[np.float64] = (usual.sum(axis=1) - before) * likeness
        return rest

    def _pace(self, phase: float) -> npt.NDArray[np.float64]:
        """Events an hour: those of the last hour, or at the pace of this one if that is more."""
        hour, part = int(phase * HOURS), phase * HOURS % 1
        now = self.today[:, hour]
        before = self.today[:, hour - 1] if hour else np.zeros(RUNGS)
        pace: npt.NDArray[np.float64] = np.maximum(
            now + (1 - part) * before, now / max(part, _LEAST_PART)
        )
        return pace


def _before(hours: npt.NDArray[np.float64], phase: float) -> npt.NDArray[np.float64]:
    """`(16,)`: what came before this time of the period."""
    hour, part = int(phase * HOURS), phase * HOURS % 1
    before: npt.NDArray[np.float64] = hours[:, :hour].sum(axis=1) + part * hours[:, hour]
    return before
