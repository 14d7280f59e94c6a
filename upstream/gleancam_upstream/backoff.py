"""When to connect again: exponential with full jitter (Brooker, AWS Architecture Blog, 2015)."""

from __future__ import annotations

import random
import time

FIRST_S = 0.5
LONGEST_S = 30.0


class Backoff:
    """Counts attempts and says when the next one is due.

    A session that lasted begins the count anew; one that broke at once does not, so two clients of
    one name, which throw each other out, do it ever less often.
    """

    def __init__(self) -> None:
        self._attempts = 0
        self._due = 0.0
        self._up_since: float | None = None

    def attempt(self) -> None:
        """Note an attempt and put off the next: a random share of a doubling span."""
        now = time.monotonic()
        if self._up_since is not None and now - self._up_since > LONGEST_S:
            self._attempts = 0
        self._up_since = None
        span = min(LONGEST_S, FIRST_S * 2 ** min(self._attempts, 16))
        self._attempts += 1
        self._due = now + random.uniform(0, span)  # noqa: S311 - jitter, no secret

    def succeeded(self) -> None:
        """Note that a session began."""
        self._up_since = time.monotonic()

    def wait_s(self) -> float:
        """Return the seconds until the next attempt is due; 0 when it is."""
        return max(0.0, self._due - time.monotonic())
