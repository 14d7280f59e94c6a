"""Counting the pictures a decoder took in and never gave back."""

from __future__ import annotations

from typing import Any

WINDOW = 32
"""Looks at the counts before something held back for good is told from something on its way."""

WINDOWS_TO_FILL = 2


class Damage:
    """Finds losses between two counts: pictures into a decoder, pictures out of it.

    Decoders say nothing about a damaged picture they drop. They also hold some back for a while,
    so the difference of the counts is taken at its lowest over a window; what it is in the first
    windows, while the decoder fills up, is its own delay. At the end of a stream nothing is on
    its way.
    """

    def __init__(self) -> None:
        self._delay = 0
        self._told = 0
        self._windows = 0
        self._held: list[int] = []

    def look(self, entered: int, left: int) -> int:
        """Return how many pictures are newly known to be lost."""
        if not left:
            return 0
        self._held.append(entered - left)
        if len(self._held) < WINDOW:
            return 0
        lowest = min(self._held)
        self._held.clear()
        self._windows += 1
        if self._windows <= WINDOWS_TO_FILL:
            self._delay = max(self._delay, lowest)
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
