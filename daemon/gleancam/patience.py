"""Start-up that takes long: systemd is told how far it is, and asked to wait."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from gleancam.meanwhile import LONGEST_S, meanwhile
from gleancam.notify import Notifier

ASK_EVERY_S = 20.0
ASK_FOR_S = 90.0
STATUS_EVERY_S = 1.0
LOG_EVERY_S = 30.0

log = logging.getLogger(__name__)


@contextmanager
def patience(notifier: Notifier) -> Iterator[None]:
    """Ask systemd for time again and again while the body runs, whatever blocks it."""
    ask = partial(notifier.extend_timeout, ASK_FOR_S)
    given_up = "systemd is no longer asked to wait"
    with meanwhile("patience", ask, ASK_EVERY_S, given_up, LONGEST_S):
        yield


class StartProgress:
    """How far the start is, for the log and for `systemctl status`.

    An instance is what fetching, compiling and verifying report to.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, notifier: Notifier, clock: Callable[[], float] = time.monotonic) -> None:
        self._notifier = notifier
        self._clock = clock
        self._last: dict[str, float] = {}

    def enter(self, what: str) -> None:
        """Begin something."""
        log.info("%s", what)
        self._notifier.status(what)

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Say how much of `what` is done."""
        text = f"{what}: {done / total:.0%}" if total else what
        if self._due("status", STATUS_EVERY_S):
            self._notifier.status(text)
        if self._due("log", LOG_EVERY_S):
            log.info("%s", text)

    def _due(self, where: str, every_s: float) -> bool:
        now = self._clock()
        if now - self._last.get(where, now - every_s) < every_s:
            return False
        self._last[where] = now
        return True
