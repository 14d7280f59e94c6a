"""The selector contract."""

from __future__ import annotations

from typing import Protocol

from gleancam.selectors.observation import Observation
from gleancam.types import Decision, Reason


class Selector(Protocol):
    """One reason for keeping frames.

    A selector is a deterministic function of what it was shown: the same frames in the same order
    give the same decisions. `decide` changes nothing; `learn` is called once for every embedded
    frame, kept or not, after all selectors have decided, and once more for one that was not kept
    and then is after all, since detectors are unsure of it.
    """

    reason: Reason

    def decide(self, observation: Observation) -> Decision:
        """Judge one frame by this reason alone."""

    def learn(self, observation: Observation, kept_id: str | None) -> None:
        """Take note of a frame; `kept_id` is its sample id when it was kept for any reason."""
