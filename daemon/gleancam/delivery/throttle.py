"""So many at once, then so many a second: a token bucket. No clock."""

from __future__ import annotations


class Throttle:
    """Full at the start; `burst` tokens at most, one more every `every_ns`."""

    def __init__(self, burst: int, every_ns: int) -> None:
        self._full_ns = burst * every_ns
        self._every_ns = every_ns
        self._left_ns = self._full_ns
        self._latest_ns: int | None = None

    def take(self, now_ns: int) -> bool:
        """Take a token; False when there is none. Times are of the monotonic clock."""
        since_ns = 0 if self._latest_ns is None else max(0, now_ns - self._latest_ns)
        self._latest_ns = now_ns
        self._left_ns = min(self._full_ns, self._left_ns + since_ns)
        if self._left_ns < self._every_ns:
            return False
        self._left_ns -= self._every_ns
        return True
