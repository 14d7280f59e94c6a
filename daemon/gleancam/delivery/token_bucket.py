"""So many bytes a second: a token bucket that may run into debt. No clock.

Over any time t, parcels of at most s bytes take at most `burst + rate t + max(0, s - burst / 2)`.
"""

from __future__ import annotations

_SECOND_NS = 10**9


class TokenBucket:
    """Empty at the start, so that who starts again and again gains nothing.

    Whole numbers only: nothing is rounded, however long it runs. Times are of a monotonic clock.

    Args:
        rate: bytes a second, at least 1.
        burst: bytes, at least 2.
    """

    def __init__(self, rate: int, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._level = 0
        self._latest_ns: int | None = None

    def lets(self, size: int, now_ns: int, pending: int = 0) -> bool:
        """Whether so many bytes may go after `pending` others.

        What is larger than half the burst goes once that half is there, and runs into debt: else it
        would wait for ever.
        """
        self._fill(now_ns)
        wanted = min(size, self._burst // 2) + pending
        return self._level >= wanted * _SECOND_NS

    def spend(self, size: int, now_ns: int) -> None:
        """Take what went, whether it was let or not."""
        self._fill(now_ns)
        self._level -= size * _SECOND_NS

    def _fill(self, now_ns: int) -> None:
        since_ns = 0 if self._latest_ns is None else max(0, now_ns - self._latest_ns)
        self._latest_ns = max(now_ns, self._latest_ns or now_ns)
        self._level = min(self._burst * _SECOND_NS, self._level + since_ns * self._rate)
