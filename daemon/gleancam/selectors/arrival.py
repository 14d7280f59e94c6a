"""The first clear picture of a new scene is kept, unless something close to it already was."""

from __future__ import annotations

from gleancam.selectors.observation import Observation
from gleancam.selectors.past import NET, Past
from gleancam.types import DISCONTINUITY, Decision, Reason, SceneChange


class ArrivalSelector:
    """Keeps the frame that confirmed a scene change.

    Unless a frame of the new scene was kept already, while the change was not yet certain. One of
    the transition is none: blended, or half faded in. So the confirming frame needs only three
    quarters of novelty's distance from every kept frame, and never less than the radius of the
    centres.
    """

    reason = Reason.SCENE_CHANGE

    def __init__(self, policy_id: str, past: Past) -> None:
        self._policy_id = policy_id
        self._past = past
        self._arrived = False
        self._kept_ns = self._kept_mono_ns = -1

    def arrive(self, changes: tuple[SceneChange, ...]) -> None:
        """Say which changes the next frame confirmed; a discontinuity is not seen to be one."""
        self._arrived = any(
            change.kind != DISCONTINUITY and change.ended_ns > self._kept_ns for change in changes
        )

    def decide(self, observation: Observation) -> Decision:
        """Judge one frame."""
        centres = self._past.centres
        threshold = max(centres.radius, NET * self._past.threshold)
        distance, nearest_id = centres.nearest_sent(observation.embedding)
        keep = self._arrived and distance >= threshold
        return Decision(
            keep=keep,
            reason=Reason.SCENE_CHANGE if keep else Reason.REDUNDANT,
            score=distance,
            threshold=threshold,
            policy_id=self._policy_id,
            nearest_id=nearest_id,
        )

    def learn(self, observation: Observation, kept_id: str | None) -> None:
        """Remember the frame, and whether it was kept."""
        self._past.learn(observation, kept_id)
        if kept_id is not None and observation.mono_ns >= self._kept_mono_ns:
            # A frame may be kept after later ones were, and UTC may be set back.
            self._kept_ns, self._kept_mono_ns = observation.captured_ns, observation.mono_ns
