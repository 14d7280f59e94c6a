"""Hours in which the budget is saved: the only use of wall time, and only when configured."""

from __future__ import annotations

_MINUTE_NS = 60 * 10**9
_DAY_MINUTES = 24 * 60


class NightWindow:
    """A part of every day, by UTC.

    Args:
        written: `22:00-05:30`; it may pass midnight. None: there is no night.
    """

    def __init__(self, written: str | None) -> None:
        bounds = written.split("-") if written else ["00:00", "00:00"]
        self._first, self._last = (_minutes(bound) for bound in bounds)

    def holds(self, captured_ns: int) -> bool:
        """Whether this time, UTC nanoseconds, lies in it."""
        minute = captured_ns // _MINUTE_NS % _DAY_MINUTES
        length = (self._last - self._first) % _DAY_MINUTES
        return (minute - self._first) % _DAY_MINUTES < length


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
