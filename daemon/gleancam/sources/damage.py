"""Counting the pictures a decoder took in and never gave back."""

from __future__ import annotations

from typing import Any

WINDOW = 32
"""Looks at the counts before something held back for good is told from something on its way."""


class Damage:
    """Finds losses between two counts: pictures into a decoder, pictures out of it.

    Decoders say nothing about a damaged picture they drop. They also hold some back for a while,
    so the difference of the counts is taken at its lowest over a window; what it is in the first
    window is the decoder's own delay. At the end of a stream nothing is on its way.
    """

    def __init__(self) -> None:
        self._delay: int | None = None
        self._told = 0
        self._looks = 0
        self._lowest: int | None = None

    def look(self, entered: int, left: int) -> int:
        """Return how many pictures are newly known to be lost."""
        held = entered - left
        self._lowest = held if self._lowest is None else min(self._lowest, held)
        self._looks += 1
        if self._looks < WINDOW:
            return 0
        lowest, self._lowest, self._looks = self._lowest, None, 0
        if self._delay is None:
            self._delay = lowest
        return self._tell(lowest - self._delay)

    def end(self, entered: int, left: int) -> int:
        """Return the rest of what was lost, once the decoder is drained."""
        return self._tell(entered - left)

    def _tell(self, lost: int) -> int:
        new = max(0, lost - self._told)
        self._told += new
        return new


def count_of(identity: Any) -> int:
    """Read how many buffers an `identity` element has passed on."""
    told, count = identity.get_property("stats").get_uint64("num-buffers")
    return int(count) if told else 0
