"""The latest status of every topic, sent again in every session. Any thread may announce."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

from gleancam.errors import SinkError
from gleancam.wire.message import Message

MakeStatus: TypeAlias = Callable[[int], Message]
"""Makes a status for the session of this number: a status of an older session is void."""


class Announcements:
    """One status per topic: as many as the device has topics, however often they change."""

    def __init__(self) -> None:
        self._latest: dict[str, MakeStatus] = {}
        self._pending: dict[str, None] = {}
        self._mutex = threading.Lock()

    def put(self, topic: str, make: MakeStatus) -> None:
        """Replace what is said on `topic`."""
        with self._mutex:
            self._latest[topic] = make
            self._pending.pop(topic, None)
            self._pending[topic] = None

    def renew(self) -> None:
        """Make everything pending: a session began."""
        with self._mutex:
            self._pending = dict.fromkeys(self._latest)

    def flush(self, session: int, publish: Callable[[Message], None]) -> None:
        """Publish what is pending, oldest first; what `publish` cannot take stays pending."""
        while (found := self._next()) is not None:
            topic, make = found
            try:
                publish(make(session))
            except SinkError:
                return
            self._done(topic, make)

    def _next(self) -> tuple[str, MakeStatus] | None:
        with self._mutex:
            topic = next(iter(self._pending), None)
            return None if topic is None else (topic, self._latest[topic])

    def _done(self, topic: str, make: MakeStatus) -> None:
        """Take it off the list, unless it was replaced meanwhile."""
        with self._mutex:
            if self._latest[topic] is make:
                self._pending.pop(topic, None)
