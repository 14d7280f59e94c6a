"""Time spent watching: what memories count in."""

from __future__ import annotations


class WatchedTime:
    """Nanoseconds of watching, over restarts: stands still while the daemon does.

    The monotonic clock begins anew with every boot and the wall clock can be set, so neither can
    date what is remembered.

    Args:
        resumed_ns: where it goes on.
    """

    def __init__(self, resumed_ns: int = 0) -> None:
        self._resumed_ns = resumed_ns
        self._began_ns: int | None = None

    def begin(self, mono_ns: int) -> None:
        """Let it run from the first frame's time on; later calls change nothing."""
        if self._began_ns is None:
            self._began_ns = mono_ns

    def at(self, mono_ns: int) -> int:
        """Time watched when the monotonic clock shows `mono_ns`."""
        since_ns = 0 if self._began_ns is None else mono_ns - self._began_ns
        return self._resumed_ns + since_ns
