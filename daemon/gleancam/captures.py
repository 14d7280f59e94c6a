"""Requests for a picture, on their way from whoever asks to the inference stage."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

_MOST = 256
"""Requests that wait; of more, the oldest go."""


class Capture(NamedTuple):
    """Somebody wants the next frame of a camera; the same id twice is one request."""

    camera_id: str
    request_id: str


class Captures:
    """A bounded queue that never blocks; its two ends may be different threads."""

    def __init__(self) -> None:
        self._waiting: deque[Capture] = deque(maxlen=_MOST)

    def put(self, capture: Capture) -> None:
        """Add one."""
        self._waiting.append(capture)

    def take(self) -> list[Capture]:
        """Take all that wait."""
        return [self._waiting.popleft() for _ in range(len(self._waiting))]
