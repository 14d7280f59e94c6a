"""A sink in memory, for tests of everything above it: it answers by script or by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from gleancam.channel import Channel, WhenFull
from gleancam.errors import SinkError
from gleancam.sinks.base import (
    Accepted,
    Connected,
    Disconnected,
    Ingested,
    Limits,
    Presence,
    SinkEvent,
)
from gleancam.wire.message import Message

EVENTS_CAPACITY = 1024

Script: TypeAlias = Callable[[str, tuple[Message, ...]], tuple[SinkEvent, ...]]
"""What follows on one `send`: any number of events."""


def ingest_everything(parcel_id: str, _messages: tuple[Message, ...]) -> tuple[SinkEvent, ...]:
    """Take every parcel at once, as a folder does."""
    return (Accepted(parcel_id), Ingested((parcel_id,)))


class FakeSink:
    """See `Sink`.

    Attributes:
        sent: every parcel id that was sent, in order.
        published: every status, in order.
    """

    def __init__(self, script: Script = ingest_everything, window: int = 20) -> None:
        self.events: Channel[SinkEvent] = Channel("sink events", EVENTS_CAPACITY, WhenFull.REFUSE)
        self.sent: list[str] = []
        self.published: list[Message] = []
        self._script = script
        self._window = window
        self._session: int | None = None
        self._sessions = 0

    def start(self) -> None:
        """Begin the first session, with a consumer present."""
        self.connect()

    def connect(self) -> None:
        """Begin a session."""
        self._sessions += 1
        self._session = self._sessions
        self.events.put(Connected(Limits(self._window, None), self._sessions))
        self.events.put(Presence(online=True))

    def disconnect(self, why: str = "by script") -> None:
        """End the session."""
        self._session = None
        self.events.put(Disconnected(why))

    def send(self, parcel_id: str, messages: tuple[Message, ...]) -> None:
        """Answer as the script says.

        Raises:
            SinkError: there is no session, or the window is full.
        """
        self._require_session()
        if len(self.events) >= EVENTS_CAPACITY - 2:
            raise SinkError("the sink's window is full", transient=True)
        self.sent.append(parcel_id)
        for event in self._script(parcel_id, messages):
            self.events.put(event)

    def publish(self, message: Message) -> None:
        """Remember a status.

        Raises:
            SinkError: there is no session.
        """
        self._require_session()
        self.published.append(message)

    def stop(self, timeout_s: float) -> None:
        """End the session."""
        del timeout_s
        self._session = None

    def _require_session(self) -> None:
        if self._session is None:
            raise SinkError("there is no session", transient=True)
