"""Novelty: keep what lies far from everything kept before, and was not seen before either."""

from __future__ import annotations

from dataclasses import dataclass

from gleancam.config.selection_keys import Novelty
from gleancam.selectors.observation import Observation
from gleancam.selectors.past import Likeness, Past
from gleancam.selectors.refractory import Refractory
from gleancam.selectors.region_novelty import RegionJudge
from gleancam.selectors.vectors import MAX_COSINE_DISTANCE
from gleancam.types import Box, Decision, Reason


@dataclass(frozen=True, slots=True)
class _Judged:
    score: float
    threshold: float
    nearest_id: str | None
    region: Box | None
    beyond: bool = False


class NoveltySelector:
    """Keeps a frame that no kept frame resembles and that was not already seen.

    With τ the threshold, a frame is kept when its cosine distance to the nearest kept frame is at
    least τ, and that to the nearest frame seen more than `seen_after_s` ago is at least τ/2. The
    score folds both into one number: the smaller of the first distance and twice the second. A
    frame is also kept when enough of its regions is new (`region_novelty.py`).

    Without the second test an exact repeat of an episode lands just over τ from the frame that
    happened to be kept of it. `past.py` says what counts as seen, and how far suppression reaches.
    A frame that was not sent, as when over budget, suppresses nothing. Right after a kept frame
    more is wanted of the next (`refractory.py`). All times are the frames' own.

    Beyond the band lies what scores more than a ceiling in the first past: unlike anything kept or
    seen near it. It is not kept; its threshold is the ceiling. Until something was kept, nothing is
    beyond.

    Args:
        pasts: at least one; a frame has to be novel to each, and the one to which it is least so
            gives score and threshold.
        settings: their `refractory_s` and `ceiling`.
        regions: judges the small parts of a frame; None when nothing looks at them.
    """

    reason = Reason.NOVEL

    def __init__(
        self,
        policy_id: str,
        *pasts: Past,
        settings: Novelty | None = None,
        regions: RegionJudge | None = None,
    ) -> None:
        if not pasts:
            raise ValueError("novelty needs a past to compare with")
        self._policy_id = policy_id
        self._pasts = pasts
        self._refractory = Refractory(settings.refractory_s if settings else 0.0)
        self._ceiling = settings.ceiling if settings else None
        self._regions = regions
        self._judged: tuple[Observation, _Judged] | None = None

    @property
    def threshold(self) -> float:
        """The cosine distance from which a frame is novel now to the first past."""
        return self._pasts[0].threshold

    def decide(self, observation: Observation) -> Decision:
        """Judge one frame."""
        found = self._judge(observation)
        self._judged = observation, found
        threshold = self._raised(found, observation)
        reason = Reason.NOVEL if found.score >= threshold else Reason.REDUNDANT
        if found.beyond:
            reason, threshold = Reason.BEYOND_BAND, self._ceiling or 0.0
        return Decision(
            keep=reason is Reason.NOVEL,
            reason=reason,
            score=found.score,
            threshold=threshold,
            policy_id=self._policy_id,
            nearest_id=found.nearest_id,
            region=found.region,
        )

    def learn(self, observation: Observation, kept_id: str | None) -> None:
        """Remember the frame, and whether it was kept."""
        found = self._judgement(observation)
        passed_over = kept_id is None and (
            found.threshold <= found.score < self._raised(found, observation)
        )
        for past in self._pasts:
            past.learn(observation, kept_id, passed_over=passed_over)
        if self._regions is not None:
            self._regions.learn(observation, kept_id, passed_over=passed_over)
        if kept_id is not None:
            self._refractory.kept(observation.mono_ns)

    def _judgement(self, observation: Observation) -> _Judged:
        """Give what `decide` found, once: what is learnt changes what would be found."""
        judged, self._judged = self._judged, None
        if judged is not None and judged[0] is observation:
            return judged[1]
        return self._judge(observation)

    def _raised(self, found: _Judged, observation: Observation) -> float:
        """What is wanted of a frame now, so soon after the last kept one."""
        raised = found.threshold * self._refractory.factor(observation.mono_ns)
        return min(raised, max(found.threshold, MAX_COSINE_DISTANCE))

    def _judge(self, observation: Observation) -> _Judged:
        looks = [(past.threshold, past.look(observation)) for past in self._pasts]
        if self._is_beyond(looks[0][1]):
            own = looks[0][1]
            return _Judged(own.score, looks[0][0], own.nearest_id, None, beyond=True)
        threshold, whole = min(looks, key=lambda pair: pair[1].score / pair[0])
        if self._regions is not None and not observation.featureless:
            parts = self._regions.look(observation)
            if parts.newest is not None and parts.score > whole.score:
                return _Judged(parts.score, threshold, whole.nearest_id, parts.newest)
        return _Judged(whole.score, threshold, whole.nearest_id, None)

    def _is_beyond(self, likeness: Likeness) -> bool:
        if self._ceiling is None or likeness.nearest_id is None:
            return False
        return likeness.score > self._ceiling
