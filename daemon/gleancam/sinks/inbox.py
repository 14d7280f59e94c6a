"""What consumers tell a device, as sink events. Anybody may write there, so all is checked."""

from __future__ import annotations

import time
from collections.abc import Callable

from gleancam.sinks.base import Commanded, Ingested, Presence, Rejected, SinkEvent
from gleancam.sinks.consumers import Consumers
from gleancam.wire.ack import parse_ack
from gleancam.wire.command import read_request
from gleancam.wire.envelope import PLAIN, Envelope
from gleancam.wire.presence import parse_presence
from gleancam.wire.topics import Topics


class Inbox:
    """Reads the messages of one session: `ack`, commands, the consumers' presence, `desired`.

    Args of the constructor:
        desired: takes what came on `desired`, unread and without blocking; None: not subscribed to.
    """

    def __init__(self, topics: Topics, desired: Callable[[bytes], None] | None = None) -> None:
        self._topics = topics
        self._desired = desired
        self._consumers = Consumers()

    @property
    def filters(self) -> tuple[str, ...]:
        """What to subscribe to."""
        always = (self._topics.ack, self._topics.command_filter, self._topics.ingest_filter)
        return always if self._desired is None else (*always, self._topics.desired)

    def read(self, topic: str, payload: bytes, envelope: Envelope = PLAIN) -> tuple[SinkEvent, ...]:
        """Return what a message means; nothing when it changes nothing.

        Raises:
            WireError: it does not follow the contract.
        """
        if topic == self._topics.ack:
            return self._read_ack(payload)
        if topic == self._topics.desired and self._desired is not None:
            self._desired(payload)
            return ()
        if topic.startswith(f"{self._topics.root}/cmd/"):
            request = read_request(self._topics, topic, payload, envelope)
            return (Commanded(request, time.monotonic_ns()),)
        consumer, online = parse_presence(topic, payload)
        if self._consumers.update(consumer, online=online):
            return (Presence(self._consumers.any_online),)
        return ()

    @staticmethod
    def _read_ack(payload: bytes) -> tuple[SinkEvent, ...]:
        ack = parse_ack(payload)
        rejected = tuple(Rejected(row.id, row.why) for row in ack.rejected)
        return ((Ingested(ack.ids),) if ack.ids else ()) + rejected
