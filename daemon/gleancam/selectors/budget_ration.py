"""What one camera may send: its threshold, its floor, the budgets it draws on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gleancam.config.keys import Selection
from gleancam.selectors.budget import BudgetController
from gleancam.selectors.budget_floor import IdleFloor
from gleancam.selectors.budget_night import NightWindow
from gleancam.selectors.budget_percentile import PercentileThreshold
from gleancam.selectors.budget_ranks import ScoreRanks
from gleancam.selectors.observation import Observation
from gleancam.types import Decision, Reason

FINEST = 0.5
"""The least threshold a budget may come to, as a share of the configured one."""


@dataclass(frozen=True, slots=True)
class RationFacts:
    """One camera's selection in numbers.

    Attributes:
        threshold: cosine distance from which a frame is kept.
        floor: the noise floor learnt, a cosine distance.
        percentile: of scores, at which the threshold is held; None where it is fixed.
    """

    camera_id: str
    threshold: float
    floor: float
    percentile: float | None


class Ration:
    """Says from which score on a camera's frames are kept, and refuses what no budget affords.

    With mode `budget`, the threshold is the highest of the budgets' and of the noise floor; with
    `ratio`, that which the wanted share of frames passes; else, or without a budget, the configured
    one. In every mode a frame is kept only if all budgets afford it.

    Args:
        budgets: the camera's own and the site's, as far as they are configured.
    """

    def __init__(
        self, camera_id: str, selection: Selection, budgets: tuple[BudgetController, ...]
    ) -> None:
        self._camera_id = camera_id
        self._budgets = budgets
        self._fixed = selection.novelty.threshold
        self._follows_budget = selection.mode == "budget" and bool(budgets)
        self._share = selection.ratio if selection.mode == "ratio" else None
        self._ratio = PercentileThreshold(self._fixed)
        self._floor = IdleFloor(FINEST * self._fixed)
        self._night = NightWindow(selection.night)
        self._ranks = ScoreRanks()

    @property
    def threshold(self) -> float:
        """The score wanted of the next frame."""
        if self._follows_budget:
            return max(self._floor.level, *(budget.threshold for budget in self._budgets))
        if self._share is not None:
            return max(self._floor.level, self._ratio.level)
        return self._fixed

    @property
    def floor(self) -> float:
        """The camera's noise, a cosine distance."""
        return self._floor.level

    def advance(self, observation: Observation) -> None:
        """Look at the next frame before it is judged."""
        for budget in self._budgets:
            budget.advance(observation.mono_ns)
        self._floor.learn(observation)

    def judge(self, decision: Decision, captured_ns: int) -> Decision:
        """Refuse what no budget affords; say how the score ranks and how likely it was kept."""
        frugal = self._night.holds(captured_ns)
        affordable = all(each.affords(decision.worth, frugal=frugal) for each in self._budgets)
        keep = decision.keep and affordable
        return replace(
            decision,
            keep=keep,
            reason=Reason.OVER_BUDGET if decision.keep and not keep else decision.reason,
            percentile=self._ranks.rank(decision.worth),
            propensity=float(keep),
        )

    def learn(self, score: float, sample_id: str | None) -> None:
        """Take note of a frame's score, and of its sample id if it was kept."""
        self._ranks.learn(score)
        if self._share is not None:
            self._ratio.follow(score, self._floor.level, self._share)
        for budget in self._budgets:
            budget.learn(score, self._floor.level, sample_id)

    def charge(self, sample_id: str) -> None:
        """A frame that was learnt as not kept is kept after all."""
        for budget in self._budgets:
            budget.bucket.charge(sample_id)

    @property
    def facts(self) -> RationFacts:
        """This in numbers."""
        shares = [budget.share for budget in self._budgets] if self._follows_budget else []
        if self._share is not None:
            shares = [self._share]
        percentile = 1 - min(shares) if shares else None
        return RationFacts(self._camera_id, self.threshold, self._floor.level, percentile)
