"""What one camera may send: its threshold, its floor, the budgets it draws on."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gleancam.config.selection_keys import Selection
from gleancam.selectors.budget import BudgetController
from gleancam.selectors.budget_floor import IdleFloor
from gleancam.selectors.budget_ladder import Ladder
from gleancam.selectors.budget_night import NightWindow
from gleancam.selectors.budget_percentile import PercentileThreshold
from gleancam.selectors.budget_ranks import ScoreRanks
from gleancam.selectors.observation import Observation
from gleancam.types import Decision, Reason
from gleancam_engines.planes import Float32Array

_ASKED = frozenset({Reason.COMMAND, Reason.HEARTBEAT})
"""What a person asked for is always worth the reserve. Nobody computes its score."""
_DISTANCES = frozenset({Reason.NOVEL, Reason.SCENE_CHANGE})
"""Reasons whose score is a cosine distance, as budgets' thresholds are."""
FINEST = 0.25
"""The least threshold a budget may come to, as a share of the configured one."""


@dataclass(frozen=True, slots=True)
class RationFacts:
    """One camera's selection in numbers.

    Attributes:
        threshold: cosine distance from which a frame is kept.
        floor: the noise floor learnt, a cosine distance.
        percentile: of the latest scores, that the threshold is now; None where it is fixed.
    """

    camera_id: str
    threshold: float
    floor: float
    percentile: float | None


class Ration:
    """Says from which score on a camera's frames are kept, and refuses what no budget affords.

    With mode `budget`, the threshold is the highest of the budgets' and of the noise floor; with
    `ratio`, that which the wanted share of frames passes; else, or without a budget, the configured
    one. In every mode the policy keeps a frame only if all budgets afford it. What the lottery
    draws is charged without asking.

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
        self._ladder = Ladder(FINEST * self._fixed)
        self._latest: Float32Array | None = None

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
        self._latest = observation.embedding

    def affords(self, wish: Decision, captured_ns: int) -> bool:
        """Whether every budget affords a frame that is wanted."""
        frugal = self._night.holds(captured_ns)
        worth = math.inf if wish.reason in _ASKED else wish.novelty
        if wish.reason in _DISTANCES:
            worth = wish.score
        return all(each.affords(worth, frugal=frugal) for each in self._budgets)

    def rank(self, score: float) -> float | None:
        """Share of the past scores that are smaller, 0…1; None while there are none."""
        return self._ranks.rank(score)

    def learn(self, score: float, sample_id: str | None, *, drawn: bool = False) -> None:
        """Take note of how novel a frame was, and of its sample id if it was kept.

        What was `drawn` by the lottery is paid from what was set aside for it.
        """
        self._ranks.learn(score)
        if self._share is not None:
            self._ratio.follow(score, self._floor.level, self._share)
        if not self._budgets or self._latest is None:
            return
        sent = sample_id is not None
        events = self._ladder.events(self._latest, score, self._floor.level, sent=sent)
        for budget in self._budgets:
            budget.learn(events, sample_id, drawn=drawn)

    def charge(self, sample_id: str) -> None:
        """A frame that was learnt as not kept is kept after all."""
        for budget in self._budgets:
            budget.bucket.charge(sample_id)

    @property
    def facts(self) -> RationFacts:
        """This in numbers."""
        fixed = self._share is None and not self._follows_budget
        percentile = None if fixed else self._ranks.rank(self.threshold)
        return RationFacts(self._camera_id, self.threshold, self._floor.level, percentile)
