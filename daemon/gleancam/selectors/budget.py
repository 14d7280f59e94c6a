"""A budget becomes a threshold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam.selectors.budget_amount import HOUR_NS, Amount
from gleancam.selectors.budget_bucket import Bucket
from gleancam.selectors.budget_demand import Demand
from gleancam.selectors.budget_ladder import rungs

_BURST = 2.0
"""So many times the threshold: worth the reserve."""
_LEAST_LEFT = 0.5
"""Samples: with nothing left, the threshold is that at which hardly one more would come."""
_LEAST_TO_COME = 1e-3


class BudgetController:
    """Turns a budget into the score from which a frame is kept.

    Sixteen thresholds are watched at once (`budget_ladder.py`): how many unlike things each of them
    would have kept, hour by hour, and so how many it would keep until the period ends
    (`budget_demand.py`). The threshold is that at which these are just what is left of the budget:
    a percentile of things, not of frames, so that wind, or a visit that lasts, counts for no more
    than it shows. It rises within a few events of a burst, and sinks, to the noise floor at last,
    when less comes than the budget has room for. Whatever it lets through, the bucket has the
    last word (`budget_bucket.py`); of its reserve it gives only for twice the threshold, until the
    last hour.

    A k-center that knows the whole day uses one radius for all of it; the nearer the threshold
    stays to one value, the nearer online selection comes to that.

    Cameras that share a budget share the threshold; each has its own floor.

    Args:
        start: the threshold before anything is known.
        finest: the least that is watched.

    Attributes:
        threshold: the score from which a frame is worth its bytes now.
    """

    def __init__(self, amount: Amount, start: float, finest: float) -> None:
        self.bucket = Bucket(amount)
        self.finest = finest
        self._rungs = rungs(finest)
        self.demand = Demand(self._rungs / start, daily=amount.period_ns > HOUR_NS)
        self.rethink()

    def advance(self, mono_ns: int) -> None:
        """Look at the time of the next frame."""
        if self.bucket.advance(mono_ns):
            self.demand.turn()
        self.rethink()

    def affords(self, score: float, *, frugal: bool = False) -> bool:
        """Whether a sample of this score may be chosen; `frugal` wants one worth the reserve."""
        burst = score >= _BURST * self.threshold
        rung = min(int(np.searchsorted(self._rungs, self.threshold)), len(self._rungs) - 1)
        done = self.demand.done(self.bucket.phase, rung)
        return (burst or not frugal) and self.bucket.affords(done, burst=burst)

    def learn(
        self, events: npt.NDArray[np.bool_], sample_id: str | None, *, drawn: bool = False
    ) -> None:
        """Take note of a frame, of which thresholds it is an event, and of its id if kept.

        What was `drawn` by the lottery is paid from what is set aside for it.
        """
        if sample_id is not None:
            self.bucket.charge(sample_id, reserved=drawn)
        self.demand.count(self.bucket.phase, events)

    def rethink(self) -> None:
        """Set the threshold at which as much is to come as is left."""
        bucket = self.bucket
        to_come = self.demand.to_come(bucket.phase, bucket.limit / bucket.usual_cost)
        left = max(_LEAST_LEFT, bucket.left / bucket.usual_cost)
        falling = np.log(np.maximum(_LEAST_TO_COME, to_come))
        at = np.interp(np.log(left), falling[::-1], np.log(self._rungs[::-1]))
        self.threshold = float(np.exp(at))
