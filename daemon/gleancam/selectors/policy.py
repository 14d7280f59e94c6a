"""The order in which selectors are asked, and one answer."""

from __future__ import annotations

from collections.abc import Sequence

from gleancam.selectors.base import Selector
from gleancam.selectors.observation import Observation
from gleancam.types import Decision


class Policy:
    """Asks selectors in order; the first that wants to keep a frame gives the reason.

    When none does, the last one's answer stands: it is the one that measures redundancy. Whatever
    is decided, every selector learns of it.

    Args:
        selectors: at least one, the most specific reason first.
    """

    def __init__(self, selectors: Sequence[Selector]) -> None:
        if not selectors:
            raise ValueError("a policy needs at least one selector")
        self._selectors = tuple(selectors)

    def decide(self, observation: Observation) -> Decision:
        """Decide on one frame; changes nothing."""
        decisions = [selector.decide(observation) for selector in self._selectors]
        return next((decision for decision in decisions if decision.keep), decisions[-1])

    def learn(self, observation: Observation, kept_id: str | None) -> None:
        """Tell every selector of a frame and whether it was kept.

        The one that measures redundancy learns first: selectors may share a past, which takes a
        frame in once, and that one knows why it was passed over.
        """
        for selector in reversed(self._selectors):
            selector.learn(observation, kept_id)
