"""One camera's decisions about observations: all that a log of them can re-run."""

from __future__ import annotations

from dataclasses import replace

from gleancam.config.selection_keys import Selection
from gleancam.selectors.arrival import ArrivalSelector
from gleancam.selectors.budget_ration import Ration
from gleancam.selectors.command import CommandSelector
from gleancam.selectors.heartbeat import HeartbeatSelector
from gleancam.selectors.lottery import NOT_DRAWN, Draw
from gleancam.selectors.near import NearSelector
from gleancam.selectors.novelty import NoveltySelector
from gleancam.selectors.observation import Observation
from gleancam.selectors.past import Past
from gleancam.selectors.policy import Policy, stopped
from gleancam.selectors.quota import CameraQuotas
from gleancam.selectors.region_novelty import RegionJudge
from gleancam.types import Decision, Reason, SceneChange


class Judge:
    """What one camera's frames are held against: its pasts, its reasons, budgets and quotas.

    For every observation, in order: `begin`, `decide`, `learn`.

    Args:
        pasts: what frames are compared with, the camera's own first; cameras may share one.
        ration: the score wanted of a frame, and what may be sent.
        quotas: how often a frame may be kept for one reason.
        regions: judges the small parts of a frame; None when nothing looks at them.
        near: keeps what resembles something; None where nothing is to be resembled.

    Attributes:
        command: takes requests for the next frame.
    """

    def __init__(
        self,
        policy_id: str,
        pasts: tuple[Past, ...],
        ration: Ration,
        quotas: CameraQuotas,
        selection: Selection,
        regions: RegionJudge | None = None,
        near: NearSelector | None = None,
    ) -> None:
        self._pasts = pasts
        self._ration = ration
        self._quotas = quotas
        self._arrival = ArrivalSelector(policy_id, pasts[0])
        self._heartbeat = HeartbeatSelector(policy_id, selection.heartbeat.every_s)
        self.command = CommandSelector(policy_id)
        novelty = NoveltySelector(policy_id, *pasts, settings=selection.novelty, regions=regions)
        self._near = near
        between = () if near is None else (near,)
        self._policy = Policy((self.command, self._arrival, *between, novelty, self._heartbeat))

    def opens_gate(self, mono_ns: int) -> bool:
        """Whether the next frame is to be looked at though nothing has changed."""
        due = self._heartbeat.opens_gate(mono_ns)
        return due or self.command.waiting

    def begin(self, observation: Observation, changes: tuple[SceneChange, ...] = ()) -> None:
        """Take in the next frame, and the scene changes it confirmed, before it is judged."""
        self._arrival.arrive(changes)
        self._ration.advance(observation)
        self._quotas.advance(observation.mono_ns)
        for past in self._pasts:
            past.want(self._ration.threshold)
        if self._near is not None:
            self._near.want(self._ration.floor)

    def decide(self, observation: Observation, draw: Draw = NOT_DRAWN) -> Decision:
        """Decide whether the policy, the lottery or both keep the frame; changes nothing.

        What the gate stopped the policy does not keep.
        """
        decision = self._of_policy(observation)
        if draw.drawn and not decision.keep:
            measured = self._policy.measure(observation)
            decision = replace(measured, keep=True, reason=Reason.RANDOM, arm="random")
        return replace(
            decision,
            percentile=self._ration.rank(decision.novelty),
            random_propensity=draw.propensity,
            drawn=draw.drawn,
            epoch=draw.epoch,
        )

    def learn(self, observation: Observation, decision: Decision, kept_id: str | None) -> None:
        """Take note of a frame, what was decided, and its sample id when it was kept."""
        if kept_id is not None and decision.policy_keeps:
            self._quotas.count(decision.reason)
        self._ration.learn(decision.novelty, kept_id, drawn=decision.drawn)
        self._policy.learn(observation, kept_id)

    def reconsider(self, observation: Observation, wish: Decision) -> Decision:
        """Decide whether a frame that was not kept may be, for a new reason; changes nothing."""
        if not wish.keep or self.grants(wish, observation.captured_ns):
            return wish
        return stopped(wish, Reason.OVER_BUDGET)

    def relearn(self, observation: Observation, decision: Decision, kept_id: str) -> None:
        """Take note that a frame that was learnt as not kept is kept after all."""
        self._quotas.count(decision.reason)
        self._ration.charge(kept_id)
        self._policy.learn(observation, kept_id)

    def grants(self, wish: Decision, captured_ns: int) -> bool:
        """Whether budgets and quotas have room for a frame that is wanted."""
        return self._ration.affords(wish, captured_ns) and self._quotas.allows(wish.reason)

    def _of_policy(self, observation: Observation) -> Decision:
        if not observation.passed:
            return self._policy.measure(observation)
        at_ns = observation.captured_ns
        return self._policy.decide(observation, lambda wish: self.grants(wish, at_ns))
