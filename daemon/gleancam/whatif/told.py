"""What a log can only tell again: the lottery's draws, and what regions were worth."""

from __future__ import annotations

from gleancam.config.selection_keys import Random
from gleancam.decisions.record import LoggedFrame
from gleancam.selectors.budget_amount import parse_amount
from gleancam.selectors.lottery import NOT_DRAWN, Draw, uniform
from gleancam.selectors.observation import Observation
from gleancam.selectors.region_novelty import RegionJudge, RegionLikeness
from gleancam.types import Decision


class ToldRegions:
    """Judges regions where they are known, as of a video; else tells what was logged.

    Args:
        known: judges regions; None when the policy does not look at them.
    """

    def __init__(self, known: RegionJudge | None) -> None:
        self._known = known
        self._told = RegionLikeness(0.0, None)

    def tell(self, decision: Decision) -> None:
        """Say what was decided about the next frame when it was logged."""
        score = 0.0 if decision.region is None else decision.novelty
        self._told = RegionLikeness(score, decision.region)

    def look(self, observation: Observation) -> RegionLikeness:
        """As `RegionJudge`."""
        if self._known is not None and observation.regions:
            return self._known.look(observation)
        return RegionLikeness(0.0, None) if self._known is None else self._told

    def learn(self, observation: Observation, kept_id: str | None, *, passed_over: bool) -> None:
        """As `RegionJudge`."""
        if self._known is not None:
            self._known.learn(observation, kept_id, passed_over=passed_over)


def drawn_again(frame: LoggedFrame, logged: Random, wanted: Random) -> Draw:
    """Draw a logged frame under other terms: its chance is scaled by the rates.

    Frames that neither gate nor lottery had let pass are not in the log, whatever is wanted now.
    """
    was = Draw(frame.decision.epoch, frame.decision.random_propensity, frame.decision.drawn)
    if not wanted.enabled:
        return NOT_DRAWN
    if wanted == logged or not was.propensity:
        return was
    propensity = min(1.0, was.propensity * _per_ns(wanted) / _per_ns(logged))
    observation = frame.observation
    seed = wanted.seed or logged.seed
    drawn = uniform(seed, observation.camera_id, observation.captured_ns) < propensity
    return Draw(was.epoch, propensity, drawn)


def _per_ns(random: Random) -> float:
    amount = parse_amount(random.rate)
    return amount.limit / amount.period_ns
