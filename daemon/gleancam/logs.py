"""Logging: one line a record on stderr, `<N>` priority first, then key=value, no credentials.

journald reads the `<N>` of sd-daemon(3); the rest is logfmt. A record says more with `extra`: every
key there becomes a key=value pair. `extra={"limit": KEY}` lets one record a second of that key
through; the next one says how many were suppressed in between.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

from gleancam.credentials import hide_credentials

LIMIT_S = 1.0
LIMITED_KEYS = 1024
"""Keys remembered; beyond that the least recently used one is forgotten."""

_PRIORITIES = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_DEBUG_PRIORITY = 7
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "limit"}


def configure(level: str) -> None:
    """Send every record at or above `level` to stderr; replaces what was configured before."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogfmtFormatter())
    handler.addFilter(OncePerSecond(time.monotonic))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)


class LogfmtFormatter(logging.Formatter):
    """`<6>logger=gleancam.app msg="camera is back" camera=gate`."""

    def format(self, record: logging.LogRecord) -> str:
        """Render a record as one line; line breaks inside values are escaped."""
        pairs = " ".join(f"{key}={quote(value)}" for key, value in self._pairs(record))
        return hide_credentials(f"<{priority(record.levelno)}>{pairs}")

    def _pairs(self, record: logging.LogRecord) -> Iterator[tuple[str, str]]:
        yield "logger", record.name
        yield "msg", record.getMessage()
        for key, value in vars(record).items():
            if key not in _STANDARD:
                yield key, str(value)
        if record.exc_info:
            yield "exception", self.formatException(record.exc_info)


def priority(level: int) -> int:
    """Translate a level of `logging` into one of syslog(3)."""
    return next((number for least, number in _PRIORITIES if level >= least), _DEBUG_PRIORITY)


def quote(value: str) -> str:
    """Quote a logfmt value that holds blanks, `=`, quotes or what does not print."""
    if value and value.isprintable() and not set(value) & set(" \"'=\\"):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else _escape(c) for c in escaped) + '"'


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class OncePerSecond(logging.Filter):
    """Let one record a second through for every value of `limit`, with `suppressed=N`.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        # Unlike `emit`, `filter` is called by any thread at any time.
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write `record`."""
        key = getattr(record, "limit", None)
        if key is None:
            return True
        with self._lock:
            return self._admit(key, record)

    def _admit(self, key: str, record: logging.LogRecord) -> bool:
        now = self._clock()
        last, suppressed = self._seen.get(key, (now - LIMIT_S, 0))
        if now - last < LIMIT_S:
            self._remember(key, last, suppressed + 1)
            return False
        if suppressed:
            record.suppressed = suppressed
        self._remember(key, now, 0)
        return True

    def _remember(self, key: str, last: float, suppressed: int) -> None:
        self._seen[key] = (last, suppressed)
        self._seen.move_to_end(key)
        if len(self._seen) > LIMITED_KEYS:
            self._seen.popitem(last=False)
