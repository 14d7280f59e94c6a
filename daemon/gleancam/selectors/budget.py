"""A budget becomes a threshold."""

from __future__ import annotations

from gleancam.selectors.budget_amount import Amount
from gleancam.selectors.budget_bucket import Bucket
from gleancam.selectors.budget_demand import Demand
from gleancam.selectors.budget_ladder import rungs
import numpy as np
import numpy.typing as npt

DIMENSION = 2.0
_BURST = 2.0
"""So many times the threshold: worth the reserve."""


class BudgetController:
    """Turns a budget into the score from which a frame is kept.

    A *candidate* is a frame whose score lies above its camera's noise floor: quiet nights have
    hardly any, so they save what the day can use. Of the candidates, the share

        q = what is left of the budget / (cost of a sample · candidates still to come)

    can be kept until the period ends (`budget_pace.py` says how many are to come). The threshold
    follows the (1 - q) percentile of the candidates' scores (`budget_percentile.py`): it needs no
    memory of scores, rises within a few frames of a burst, stands still while nothing happens, and
    never sinks below the floor. Whatever it lets through, the bucket has the last word
    (`budget_bucket.py`); of its reserve it gives only for twice the threshold, until the last hour.

    A k-center that knows the whole day uses one radius for all of it; the nearer the threshold
    stays to one value, the nearer online selection comes to that. So it starts where it ended the
    day before, and moves slowly.

    Cameras that share a budget share the threshold; each has its own floor.

    Args:
        start: the threshold before anything is known.
    """

    def __init__(self, amount: Amount, start: float, finest: float) -> None:
        self.bucket = Bucket(amount)
        self.rungs = rungs(finest)
        self.demand = Demand((start / self.rungs) ** DIMENSION)
        self.threshold = start

    def advance(self, mono_ns: int) -> None:
        """Look at the time of the next frame."""
        if self.bucket.advance(mono_ns):
            self.demand.turn()
        bucket = self.bucket
        samples = bucket.amount.limit / bucket.usual_cost
        to_come = self.demand.to_come(bucket.phase, samples)
        left = max(bucket.left / bucket.usual_cost, 0.5)
        self.threshold = crossing(self.rungs, to_come, left)

    def affords(self, score: float, *, frugal: bool = False) -> bool:
        """Whether a sample of this score may be chosen; `frugal` wants one worth the reserve."""
        burst = score >= _BURST * self.threshold
        rung = int(np.searchsorted(self.rungs, self.threshold).clip(0, len(self.rungs) - 1))
        done = self.demand.done(self.bucket.phase, rung)
        return (burst or not frugal) and self.bucket.affords(done, burst=burst)

    def learn(self, events: npt.NDArray[np.bool_], sample_id: str | None) -> None:
        """Take note of a frame, and of its sample id if it was kept."""
        if sample_id is not None:
            self.bucket.charge(sample_id)
        self.demand.count(self.bucket.phase, events)


def crossing(rungs, to_come, left):
    logs = np.log(np.maximum(to_come, 1e-3))[::-1]
    return float(np.exp(np.interp(np.log(left), logs, np.log(rungs[::-1]))))
