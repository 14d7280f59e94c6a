"""Novelty: keep what lies far from everything kept before, and was not seen before either."""

from __future__ import annotations

from gleancam.config.keys import Novelty
from gleancam.selectors.luma import is_featureless
from gleancam.selectors.memory import CentreMemory
from gleancam.selectors.seen import SeenMemory
from gleancam.types import Decision, EmbeddedFrame, Reason

_SEEN_DETAIL = 1 / 8
"""Radius of a seen entry as a share of the threshold. In chords that is √(1/4) of the √(1/2) at
which a seen entry suppresses: an exact repeat with noise of its own still falls within."""


class NoveltySelector:
    """Keeps a frame that no kept frame resembles and that was not already seen.

    With τ the threshold, a frame is kept when its cosine distance to the nearest kept frame is at
    least τ, and that to the nearest frame seen more than `seen_after_s` ago is at least τ/2. The
    score folds both into one number: the smaller of the first distance and twice the second.

    Without the second test an exact repeat of an episode lands just over τ from the frame that
    happened to be kept of it. Only frames within τ of a kept one count as seen, so that
    suppression never chains: in chords, whatever is not kept lies within √(2τ) + √τ of a kept
    frame. τ is `threshold` until the memory of kept frames is full and doubles its radius; then it
    is that radius. A featureless picture scores 0: its embedding is that of noise. All times are
    the frames' own.
    """

    reason = Reason.NOVEL

    def __init__(self, settings: Novelty, policy_id: str) -> None:
        self._policy_id = policy_id
        self._seen_after_ns = round(settings.seen_after_s * 1e9)
        self._kept = CentreMemory(settings.capacity, settings.threshold)
        self._seen = SeenMemory(settings.capacity, settings.threshold * _SEEN_DETAIL)

    @property
    def threshold(self) -> float:
        """The cosine distance from which a frame is novel now."""
        return self._kept.radius

    def decide(self, embedded: EmbeddedFrame) -> Decision:
        """Judge one frame."""
        distance, nearest_id = self._kept.nearest(embedded.embedding)
        score = self._score(embedded, distance)
        keep = score >= self.threshold
        return Decision(
            keep=keep,
            reason=Reason.NOVEL if keep else Reason.REDUNDANT,
            score=score,
            threshold=self.threshold,
            policy_id=self._policy_id,
            nearest_id=nearest_id,
        )

    def _score(self, embedded: EmbeddedFrame, distance: float) -> float:
        if is_featureless(embedded.frame.thumbnail.luma):
            return 0.0
        before_ns = embedded.frame.mono_ns - self._seen_after_ns
        return min(distance, 2 * self._seen.nearest(embedded.embedding, before_ns))

    def learn(self, embedded: EmbeddedFrame, kept_id: str | None) -> None:
        """Remember a kept frame as kept, and what lies near a kept frame as seen."""
        if kept_id is not None:
            self._kept.insert(embedded.embedding, kept_id)
        distance, _ = self._kept.nearest(embedded.embedding)
        if distance < self.threshold:
            self._seen.see(embedded.embedding, embedded.frame.mono_ns)
