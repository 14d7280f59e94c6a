"""Novelty: keep what lies far from everything kept before, and was not seen before either."""

from __future__ import annotations

from gleancam.selectors.observation import Observation
from gleancam.selectors.past import Likeness, Past
from gleancam.types import Decision, Reason


class NoveltySelector:
    """Keeps a frame that no kept frame resembles and that was not already seen.

    With τ the threshold, a frame is kept when its cosine distance to the nearest kept frame is at
    least τ, and that to the nearest frame seen more than `seen_after_s` ago is at least τ/2. The
    score folds both into one number: the smaller of the first distance and twice the second.

    Without the second test an exact repeat of an episode lands just over τ from the frame that
    happened to be kept of it. `past.py` says what counts as seen, and how far suppression reaches.
    A frame that was not sent, as when over budget, suppresses nothing. All times are the frames'
    own.

    Beyond the band lies what scores more than a ceiling in the first past: unlike anything kept or
    seen near it. It is not kept; its threshold is the ceiling. Until something was kept, nothing is
    beyond.

    Args:
        pasts: at least one; a frame has to be novel to each, and the one to which it is least so
            gives score and threshold.
        ceiling: a cosine distance; None: nothing lies beyond.
    """

    reason = Reason.NOVEL

    def __init__(self, policy_id: str, *pasts: Past, ceiling: float | None = None) -> None:
        if not pasts:
            raise ValueError("novelty needs a past to compare with")
        self._policy_id = policy_id
        self._pasts = pasts
        self._ceiling = ceiling

    @property
    def threshold(self) -> float:
        """The cosine distance from which a frame is novel now to the first past."""
        return self._pasts[0].threshold

    def decide(self, observation: Observation) -> Decision:
        """Judge one frame."""
        found = [(past.threshold, past.look(observation)) for past in self._pasts]
        if self._is_beyond(found[0][1]):
            return self._decision(Reason.BEYOND_BAND, self._ceiling or 0.0, found[0][1])
        threshold, likeness = min(found, key=lambda pair: pair[1].score / pair[0])
        reason = Reason.NOVEL if likeness.score >= threshold else Reason.REDUNDANT
        return self._decision(reason, threshold, likeness)

    def learn(self, observation: Observation, kept_id: str | None) -> None:
        """Remember the frame, and whether it was kept."""
        for past in self._pasts:
            past.learn(observation, kept_id)

    def _is_beyond(self, likeness: Likeness) -> bool:
        if self._ceiling is None or likeness.nearest_id is None:
            return False
        return likeness.score > self._ceiling

    def _decision(self, reason: Reason, threshold: float, likeness: Likeness) -> Decision:
        return Decision(
            keep=reason is Reason.NOVEL,
            reason=reason,
            score=likeness.score,
            threshold=threshold,
            policy_id=self._policy_id,
            nearest_id=likeness.nearest_id,
        )
