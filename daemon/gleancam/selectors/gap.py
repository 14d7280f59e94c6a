"""When a stream was interrupted: what came before is not to be compared with what comes after."""

from __future__ import annotations

_SHORTEST_S = 5.0
_TIMES_USUAL = 10.0
_WEIGHT = 0.1


class GapDetector:
    """Learns the usual interval and calls ten times that, and at least 5 s, a gap."""

    def __init__(self) -> None:
        self._last_ns: int | None = None
        self._usual_s = 0.0

    def is_gap(self, mono_ns: int) -> bool:
        """Look at the next picture's time; True when a gap lies before it."""
        last_ns, self._last_ns = self._last_ns, mono_ns
        if last_ns is None:
            return False
        interval_s = (mono_ns - last_ns) / 1e9
        usual_s = self._usual_s or interval_s
        if interval_s > max(_SHORTEST_S, _TIMES_USUAL * usual_s):
            return True
        self._usual_s = usual_s + _WEIGHT * (interval_s - usual_s)
        return False
