"""A budget becomes a threshold."""

from __future__ import annotations

from gleancam.selectors.budget_amount import Amount
from gleancam.selectors.budget_bucket import Bucket
from gleancam.selectors.budget_pace import Pace
from gleancam.selectors.budget_percentile import PercentileThreshold

_MOST = 0.5
"""The largest share of candidates that is ever aimed at."""
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

    def __init__(self, amount: Amount, start: float) -> None:
        self.bucket = Bucket(amount)
        self.pace = Pace()
        self.percentile = PercentileThreshold(start)

    @property
    def threshold(self) -> float:
        """The score from which a frame is worth its bytes now."""
        return self.percentile.level

    @property
    def share(self) -> float:
        """The share of candidates aimed at, 0…0.5."""
        bucket = self.bucket
        to_come = self.pace.to_come(bucket.phase, bucket.amount.limit / bucket.usual_cost)
        return min(_MOST, bucket.left / bucket.usual_cost / max(1.0, to_come))

    def advance(self, mono_ns: int) -> None:
        """Look at the time of the next frame."""
        if self.bucket.advance(mono_ns):
            self.pace.turn()

    def affords(self, score: float, *, frugal: bool = False) -> bool:
        """Whether a sample of this score may be chosen; `frugal` wants one worth the reserve."""
        burst = score >= _BURST * self.threshold
        done = self.pace.done(self.bucket.phase)
        return (burst or not frugal) and self.bucket.affords(done, burst=burst)

    def learn(
        self, score: float, floor: float, sample_id: str | None, *, drawn: bool = False
    ) -> None:
        """Take note of a frame, and of its sample id if it was kept; `drawn`: by the lottery."""
        if sample_id is not None:
            self.bucket.charge(sample_id, reserved=drawn)
        if score >= floor:
            self.pace.count(self.bucket.phase)
            self.percentile.follow(score, floor, self.share)
