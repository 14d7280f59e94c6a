"""A camera's novelty selection over simulated days, with the budget it was given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam.config.keys import Selection, TestCamera
from gleancam.selectors.budget_accounts import Budgets, net
from gleancam.selectors.novelty import NoveltySelector
from gleancam.selectors.observation import Observation
from gleancam.selectors.past import Past
from gleancam.types import Reason
from made_frames import SECOND_NS
from rationed import judged
from simulated_days import DAY_S, Day

CAMERA = TestCamera(id="gate")


@dataclass(frozen=True)
class Played:
    """What became of one day's frames.

    Attributes:
        kept: indices into the day's frames.
        above_floor: frames whose score lay above the noise floor.
        over_budget: frames refused by the bucket alone.
        thresholds: `(N,)`, what each frame was held against.
    """

    kept: npt.NDArray[np.int64]
    above_floor: int
    over_budget: int
    thresholds: npt.NDArray[np.float64]


class SimulatedCamera:
    """Plays days, one after the other, to one selection."""

    def __init__(self, selection: Selection) -> None:
        self.budgets = Budgets(selection, [CAMERA], "space")
        self.ration = self.budgets.of(CAMERA.id)
        self._past = Past(net(selection, [CAMERA]))
        self._novelty = NoveltySelector("policy", self._past)
        self._days = 0

    def play(self, day: Day) -> Played:
        """Show one day."""
        kept, thresholds, above_floor, over_budget = [], [], 0, 0
        for index in range(len(day.seconds)):
            observation = self._observation(day, index)
            self.ration.advance(observation)
            self._past.want(self.ration.threshold)
            wanted = self._novelty.decide(observation)
            decision = judged(self.ration, wanted, observation.captured_ns)
            sample_id = f"{self._days}-{index}" if decision.keep else None
            self.ration.learn(decision.score, sample_id)
            self._novelty.learn(observation, sample_id)
            if sample_id is not None:
                kept.append(index)
                self.budgets.settle(CAMERA.id, sample_id, 100_000)
            thresholds.append(decision.threshold)
            above_floor += decision.score >= self.ration.facts.floor
            over_budget += decision.reason is Reason.OVER_BUDGET
        self._days += 1
        return Played(np.array(kept, np.int64), above_floor, over_budget, np.array(thresholds))

    def _observation(self, day: Day, index: int) -> Observation:
        at_ns = (self._days * DAY_S + int(day.seconds[index])) * SECOND_NS
        still = bool(day.still[index])
        return Observation(CAMERA.id, at_ns, at_ns, day.embeddings[index], "space", still=still)
