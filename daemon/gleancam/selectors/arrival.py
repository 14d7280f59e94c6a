"""The first clear picture of a new scene is kept, unless something close to it already was."""

from __future__ import annotations

from gleancam.config.keys import Novelty
from gleancam.selectors.memory import CentreMemory
from gleancam.types import Decision, EmbeddedFrame, Reason, SceneChange

_NEARER = 0.75


class ArrivalSelector:
    """Keeps the frame that confirmed a scene change.

    Novelty often has kept a frame of the transition by then: blended, or half faded in. So the
    confirming frame needs only three quarters of novelty's distance from every kept frame.
    """

    reason = Reason.SCENE_CHANGE

    def __init__(self, settings: Novelty, policy_id: str) -> None:
        self._policy_id = policy_id
        self._kept = CentreMemory(settings.capacity, _NEARER * settings.threshold)
        self._arrived = False

    def arrive(self, changes: tuple[SceneChange, ...]) -> None:
        """Say which changes the next frame confirmed."""
        self._arrived = bool(changes)

    def decide(self, embedded: EmbeddedFrame) -> Decision:
        """Judge one frame."""
        distance, nearest_id = self._kept.nearest(embedded.embedding)
        keep = self._arrived and distance >= self._kept.radius
        return Decision(
            keep=keep,
            reason=Reason.SCENE_CHANGE if keep else Reason.REDUNDANT,
            score=distance,
            threshold=self._kept.radius,
            policy_id=self._policy_id,
            nearest_id=nearest_id,
        )

    def learn(self, embedded: EmbeddedFrame, kept_id: str | None) -> None:
        """Remember a kept frame."""
        if kept_id is not None:
            self._kept.insert(embedded.embedding, kept_id)
