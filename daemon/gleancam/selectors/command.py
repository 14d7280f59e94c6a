"""Somebody asked for a picture: the next frame is kept."""

from __future__ import annotations

from collections import OrderedDict

from gleancam.selectors.observation import Observation
from gleancam.types import Decision, Reason

_KNOWN = 256
"""Requests remembered, so that one that is delivered twice is answered once."""


class CommandSelector:
    """Wants the first frame after a request; whatever is decided about it, that was the answer.

    Requests that wait for the same frame share it.
    """

    reason = Reason.COMMAND

    def __init__(self, policy_id: str) -> None:
        self._policy_id = policy_id
        self._known: OrderedDict[str, None] = OrderedDict()
        self._latest_ns: int | None = None
        self.waiting = False

    def request(self, request_id: str) -> bool:
        """Ask for the next frame; False when this request is known already."""
        if request_id in self._known:
            return False
        self._known[request_id] = None
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)
        self.waiting = True
        return True

    def decide(self, observation: Observation) -> Decision:
        """Judge one frame."""
        del observation
        return Decision(
            keep=self.waiting,
            reason=Reason.COMMAND if self.waiting else Reason.REDUNDANT,
            score=float(self.waiting),
            threshold=1.0,
            policy_id=self._policy_id,
        )

    def learn(self, observation: Observation, kept_id: str | None) -> None:
        """The request has been answered, unless this frame is older than one learnt before."""
        del kept_id
        if self._latest_ns is None or observation.mono_ns > self._latest_ns:
            self._latest_ns = observation.mono_ns
            self.waiting = False
