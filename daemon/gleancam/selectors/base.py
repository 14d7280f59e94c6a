"""The selector contract."""

from __future__ import annotations

from typing import Protocol

from gleancam.types import Decision, EmbeddedFrame, Reason


class Selector(Protocol):
    """One reason for keeping frames.

    A selector is a deterministic function of what it was shown: the same frames in the same order
    give the same decisions. `decide` changes nothing; `learn` is called once for every embedded
    frame, kept or not, after all selectors have decided.
    """

    reason: Reason

    def decide(self, embedded: EmbeddedFrame) -> Decision:
        """Judge one frame by this reason alone."""

    def learn(self, embedded: EmbeddedFrame, kept_id: str | None) -> None:
        """Take note of a frame; `kept_id` is its sample id when it was kept for any reason."""
