"""While the daemon changes to another configuration, the watchdog is told that it still works."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from gleancam.notify import Notifier
from gleancam.stage import Pulse, Stage

PING_EVERY_S = 10.0
LONGEST_S = 3600.0
"""As for a start (`gleancam.patience`): a change that takes longer hangs."""

log = logging.getLogger(__name__)


@contextmanager
def kept_alive(notifier: Notifier) -> Iterator[None]:
    """Ping the watchdog again and again while the body runs."""
    pinging = Stage("changing", lambda pulse: _ping(notifier, pulse), _give_up)
    pinging.start()
    try:
        yield
    finally:
        pinging.stop()
        pinging.join(PING_EVERY_S)


def _ping(notifier: Notifier, pulse: Pulse) -> None:
    for _ in range(int(LONGEST_S / PING_EVERY_S)):
        notifier.watchdog()
        if pulse.sleep(PING_EVERY_S):
            return


def _give_up(_stage: str, error: BaseException) -> None:
    log.error("the watchdog is no longer told", exc_info=error)
