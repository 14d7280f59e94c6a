"""How long to wait before trying again: exponential with full jitter.

M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. A site full of devices
whose broker comes back must not knock at the same moment.
"""

from __future__ import annotations

import random

FIRST_S = 0.5
LONGEST_S = 30.0


class Backoff:
    """Delays that grow with every failure, each drawn evenly from 0 to the current span."""

    def __init__(self, draw: random.Random | None = None) -> None:
        self._draw = draw or random.SystemRandom()
        self._failures = 0

    def next_s(self) -> float:
        """Count a failure and return how many seconds to wait, at most `LONGEST_S`."""
        span = min(LONGEST_S, FIRST_S * 2 ** min(self._failures, 10))
        self._failures += 1
        return self._draw.uniform(0, span)

    def reset(self) -> None:
        """Begin anew after a success."""
        self._failures = 0
