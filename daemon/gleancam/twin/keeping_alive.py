"""While the daemon changes to another configuration, the watchdog is told that it still works."""

from __future__ import annotations

from contextlib import AbstractContextManager

from gleancam.meanwhile import meanwhile
from gleancam.notify import Notifier

PING_EVERY_S = 10.0


def kept_alive(notifier: Notifier) -> AbstractContextManager[None]:
    """Ping the watchdog again and again while the body runs."""
    given_up = "the watchdog is no longer told"
    return meanwhile("changing", notifier.watchdog, PING_EVERY_S, given_up)
