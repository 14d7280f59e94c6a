"""When to connect again: exponential with full jitter (Brooker, AWS Architecture Blog, 2015)."""

from __future__ import annotations

import random
import time

FIRST_S = 0.5
LONGEST_S = 30.0


class Backoff:
    """Counts failures and says when the next attempt is due."""

    def __init__(self) -> None:
        self._failures = 0
        self._due = 0.0

    def failed(self) -> None:
        """Put the next attempt off: a random share of a doubling span, at most `LONGEST_S`."""
        span = min(LONGEST_S, FIRST_S * 2 ** min(self._failures, 16))
        self._failures += 1
        self._due = time.monotonic() + random.uniform(0, span)  # noqa: S311 - jitter, no secret

    def succeeded(self) -> None:
        """Begin anew."""
        self._failures = 0
        self._due = 0.0

    def wait_s(self) -> float:
        """Return the seconds until the next attempt is due; 0 when it is."""
        return max(0.0, self._due - time.monotonic())
