"""The order in which reasons are asked, and one answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from gleancam.selectors.base import Selector
from gleancam.selectors.observation import Observation
from gleancam.types import Decision, Reason

ORDER = (
    Reason.COMMAND,
    Reason.SCENE_CHANGE,
    Reason.NEAR,
    Reason.NOVEL,
    Reason.HEARTBEAT,
)
"""The first that wants a frame and may have it gives the reason. `uncertain` is only known after
labelling, and `random` needs no policy."""


class Policy:
    """Asks selectors in `ORDER`; the first that wants a frame, and is granted it, gives the reason.

    Whatever decides, novelty is measured: it says how redundant a frame is that nobody wants, and
    which kept frame is nearest. Whatever is decided, every selector learns of it.

    Args:
        selectors: one a reason, in any order; novelty is one of them.
    """

    def __init__(self, selectors: Sequence[Selector]) -> None:
        self._selectors = sorted(selectors, key=lambda each: ORDER.index(each.reason))
        reasons = [each.reason for each in self._selectors]
        if Reason.NOVEL not in reasons:
            raise ValueError("a policy needs a selector for novelty, which measures every frame")
        if len(set(reasons)) < len(reasons):
            raise ValueError("a policy takes one selector a reason")
        self._measure = reasons.index(Reason.NOVEL)

    def decide(
        self, observation: Observation, grant: Callable[[Decision], bool] = lambda _wish: True
    ) -> Decision:
        """Decide on one frame; changes nothing.

        Gives the first wish that `grant` lets through; else the first wish, as `over_budget`; else
        what was measured.
        """
        decisions = [selector.decide(observation) for selector in self._selectors]
        measured = decisions[self._measure]
        wishes = [_completed(each, measured) for each in decisions if each.keep]
        granted = next((wish for wish in wishes if grant(wish)), None)
        if granted is not None:
            return granted
        if wishes:
            return stopped(wishes[0], Reason.OVER_BUDGET)
        return stopped(_completed(measured, measured), measured.reason)

    def measure(self, observation: Observation) -> Decision:
        """Say how novel a frame is, without keeping it; changes nothing."""
        measured = self._selectors[self._measure].decide(observation)
        measured = _completed(measured, measured)
        return stopped(measured, Reason.REDUNDANT if measured.keep else measured.reason)

    def learn(self, observation: Observation, kept_id: str | None) -> None:
        """Tell every selector of a frame and whether it was kept.

        The one that measures redundancy learns first: selectors may share a past, which takes a
        frame in once, and that one knows why it was passed over.
        """
        for selector in reversed(self._selectors):
            selector.learn(observation, kept_id)


def stopped(decision: Decision, reason: Reason) -> Decision:
    """Give the decision as the policy's not to keep the frame."""
    return replace(decision, keep=False, reason=reason, policy_keeps=False, policy_propensity=0.0)


def _completed(decision: Decision, measured: Decision) -> Decision:
    """What every decision says, whichever rule made it."""
    beyond = measured.reason is Reason.BEYOND_BAND
    return replace(
        decision,
        nearest_id=decision.nearest_id or measured.nearest_id,
        novelty=0.0 if beyond else measured.score,
        beyond_band=beyond,
    )
