"""After a kept frame more is wanted of the next: what follows at once mostly shows the same."""

from __future__ import annotations

import math

MOST = 4.0
"""So many times the usual threshold right after a kept frame."""
OVER = 6.0
"""Time constants after which nothing of it is left: 0.5 %."""


class Refractory:
    """The factor by which the threshold is raised, 1…4.

    It falls back to 1 exponentially. A new object in view is embedded anew in every frame it comes
    closer, each a little farther from the last kept one; without this all of them would be kept.

    Args:
        time_s: the time constant; 0 never raises anything.
    """

    def __init__(self, time_s: float) -> None:
        self._time_ns = time_s * 1e9
        self._kept_ns: int | None = None

    def factor(self, mono_ns: int) -> float:
        """Give the factor at a time."""
        if self._kept_ns is None or not self._time_ns:
            return 1.0
        passed = max(0, mono_ns - self._kept_ns) / self._time_ns
        return 1 + (MOST - 1) * math.exp(-passed)

    def kept(self, mono_ns: int) -> None:
        """Take note of a kept frame; it may be older than one kept before."""
        self._kept_ns = mono_ns if self._kept_ns is None else max(self._kept_ns, mono_ns)
