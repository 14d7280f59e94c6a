"""One camera's decisions about observations: all that a log of them can re-run."""

from __future__ import annotations

from gleancam.selectors.arrival import ArrivalSelector
from gleancam.selectors.budget_ration import Ration
from gleancam.selectors.near import NearSelector
from gleancam.selectors.novelty import NoveltySelector
from gleancam.selectors.observation import Observation
from gleancam.selectors.past import Past
from gleancam.selectors.policy import Policy
from gleancam.types import Decision, SceneChange


class Judge:
    """What one camera's frames are held against: its pasts, its reasons and its budgets.

    For every observation, in order: `begin`, `decide`, `learn`.

    Args:
        pasts: what frames are compared with, the camera's own first; cameras may share one.
        ration: the score wanted of a frame, and what may be sent.
        near: keeps what resembles something; None where nothing is to be resembled.
    """

    def __init__(
        self,
        policy_id: str,
        pasts: tuple[Past, ...],
        ration: Ration,
        near: NearSelector | None = None,
    ) -> None:
        self._pasts = pasts
        self._ration = ration
        self._arrival = ArrivalSelector(policy_id, pasts[0])
        self._near = near
        between = () if near is None else (near,)
        self._policy = Policy((self._arrival, *between, NoveltySelector(policy_id, *pasts)))

    def begin(self, observation: Observation, changes: tuple[SceneChange, ...] = ()) -> None:
        """Take in the next frame, and the scene changes it confirmed, before it is judged."""
        self._arrival.arrive(changes)
        self._ration.advance(observation)
        for past in self._pasts:
            past.want(self._ration.threshold)
        if self._near is not None:
            self._near.want(self._ration.floor)

    def decide(self, observation: Observation) -> Decision:
        """Decide whether the frame is kept; changes nothing."""
        decision = self._policy.decide(observation)
        return self._ration.judge(decision, observation.captured_ns)

    def learn(self, observation: Observation, score: float, kept_id: str | None) -> None:
        """Take note of a frame, its decision's score, and its sample id when it was kept."""
        self._ration.learn(score, kept_id)
        self._policy.learn(observation, kept_id)

    def reconsider(self, observation: Observation, decision: Decision) -> Decision:
        """Decide whether a frame that was not kept may be, for a new reason; changes nothing."""
        return self._ration.judge(decision, observation.captured_ns)

    def relearn(self, observation: Observation, kept_id: str) -> None:
        """Take note that a frame that was learnt as not kept is kept after all."""
        self._ration.charge(kept_id)
        self._policy.learn(observation, kept_id)
