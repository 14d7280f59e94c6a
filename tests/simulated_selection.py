"""A camera's novelty selection over simulated days, with the budget it was given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam.config.keys import TestCamera
from gleancam.config.selection_keys import Selection
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
        spent: of the budget, in its unit, by each frame; 0 where it was not kept.
        thresholds: `(N,)`, what each frame was held against.
    """

    kept: npt.NDArray[np.int64]
    above_floor: int
    over_budget: int
    thresholds: npt.NDArray[np.float64]
    spent: npt.NDArray[np.float64]


class SimulatedCamera:
    """Plays days, one after the other, to one selection.

    Args:
        sizes: bytes of a sample, lognormal: (median, spread of the logarithm).
    """

    def __init__(self, selection: Selection, sizes: tuple[float, float] | None = None) -> None:
        self._sizes = sizes
        self._rng = np.random.default_rng(1)
        self.budgets = Budgets(selection, [CAMERA], "space")
        self.ration = self.budgets.of(CAMERA.id)
        self._past = Past(net(selection, [CAMERA]))
        self._novelty = NoveltySelector("policy", self._past, settings=selection.novelty)
        self._days = 0

    @property
    def radius(self) -> float:
        """Of the memory's centres, a cosine distance."""
        return self._past.centres.radius

    def play(self, day: Day) -> Played:
        """Show one day."""
        kept, thresholds, above_floor, over_budget = [], [], 0, 0
        spent = np.zeros(len(day.seconds))
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
                spent[index] = size = self._size()
                self.budgets.settle(CAMERA.id, sample_id, int(size))
            thresholds.append(decision.threshold)
            above_floor += decision.score >= self.ration.facts.floor
            over_budget += decision.reason is Reason.OVER_BUDGET
        self._days += 1
        held_to = np.array(thresholds)
        return Played(np.array(kept, np.int64), above_floor, over_budget, held_to, spent)

    def _size(self) -> float:
        if self._sizes is None:
            return 1.0
        median, spread = self._sizes
        return float(median * self._rng.lognormal(0, spread))

    def _observation(self, day: Day, index: int) -> Observation:
        at_ns = (self._days * DAY_S + int(day.seconds[index])) * SECOND_NS
        still = bool(day.still[index])
        return Observation(CAMERA.id, at_ns, at_ns, day.embeddings[index], "space", still=still)
