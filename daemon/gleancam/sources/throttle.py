"""At most one log line a second for one camera, with the number of those left out."""

from __future__ import annotations

import logging
import time

_EVERY_NS = 1_000_000_000
_log = logging.getLogger("gleancam.sources")


class ThrottledLog:
    """The log of one camera."""

    def __init__(self, camera_id: str) -> None:
        self._camera_id = camera_id
        self._next_ns = 0
        self._suppressed = 0

    def warning(self, text: str, *values: object) -> bool:
        """Log a line unless one was logged less than a second ago; say whether it was."""
        now_ns = time.monotonic_ns()
        if now_ns < self._next_ns:
            self._suppressed += 1
            return False
        prefix = "camera=%s suppressed=%d "
        _log.warning(prefix + text, self._camera_id, self._suppressed, *values)
        self._next_ns = now_ns + _EVERY_NS
        self._suppressed = 0
        return True
