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

    Args:
        pasts: at least one; a frame has to be novel to each, and the one to which it is least so
            gives score and threshold.
    """

    reason = Reason.NOVEL

    def __init__(self, policy_id: str, *pasts: Past) -> None:
        if not pasts:
            raise ValueError("novelty needs a past to compare with")
        self._policy_id = policy_id
        self._pasts = pasts

    @property
    def threshold(self) -> float:
        """The cosine distance from which a frame is novel now to the first past."""
        return self._pasts[0].threshold

    def decide(self, observation: Observation) -> Decision:
        """Judge one frame."""
        threshold, likeness = self._least_novel(observation)
        keep = likeness.score >= threshold
        return Decision(
            keep=keep,
            reason=Reason.NOVEL if keep else Reason.REDUNDANT,
            score=likeness.score,
            threshold=threshold,
            policy_id=self._policy_id,
            nearest_id=likeness.nearest_id,
        )

    def learn(self, observation: Observation, kept_id: str | None) -> None:
        """Remember the frame, and whether it was kept."""
        for past in self._pasts:
            past.learn(observation, kept_id)

    def _least_novel(self, observation: Observation) -> tuple[float, Likeness]:
        found = [(past.threshold, past.look(observation)) for past in self._pasts]
        return min(found, key=lambda pair: pair[1].score / pair[0])
