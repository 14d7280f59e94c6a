"""What was spooled turned out to be so large: told by the spooler, taken by the inference stage."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

_MOST = 256
"""More than can wait between two looks; of what is lost, budgets keep the estimate."""


class Settled(NamedTuple):
    """The cost of one sample or event, as one first attempt to send it."""

    camera_id: str
    parcel_id: str
    wire_bytes: int


class Settlements:
    """A bounded queue that never blocks; its two ends may be different threads."""

    def __init__(self) -> None:
        self._waiting: deque[Settled] = deque(maxlen=_MOST)

    def put(self, settled: Settled) -> None:
        """Add one; the oldest goes when there are too many."""
        self._waiting.append(settled)

    def take(self) -> list[Settled]:
        """Take all that wait."""
        return [self._waiting.popleft() for _ in range(len(self._waiting))]
