"""One connection and the session that runs over it. Imports paho: import this file lazily."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from gleancam.config.keys import Mqtt
from gleancam.sinks._paho import Link
from gleancam.sinks.base import Connected, Limits, SinkEvent
from gleancam.sinks.doorbell import Doorbell
from gleancam.sinks.inbox import Inbox
from gleancam.sinks.mqtt_session import Session
from gleancam.wire.envelope import Envelope
from gleancam.wire.error import WireError
from gleancam.wire.message import Message
from gleancam.wire.topics import Topics

PUMP_S = 0.5
CONNACK_TIMEOUT_S = 10.0
GOODBYE_TURNS = 4

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where a connection reports to, and what wakes it.

    Attributes:
        emit: takes events.
        lost: counts what was thrown away, by reason.
    """

    emit: Callable[[SinkEvent], None]
    lost: Callable[[str], None]
    doorbell: Doorbell


class Connection:
    """Used by the network thread only; the delivery stage touches nothing but `session`.

    Attributes:
        session: None until the broker took us.
    """

    def __init__(
        self,
        settings: Mqtt,
        topics: Topics,
        number: int,
        will: Message,
        outlet: Outlet,
        desired: Callable[[bytes], None] | None = None,
    ) -> None:
        client_id = settings.client_id or f"gleancam-{topics.site}-{topics.device}"
        self._link = Link(settings, client_id, will, self)
        self._mqtt5 = settings.protocol == "5"
        self._number = number
        self._inbox = Inbox(topics, desired)
        self._outlet = outlet
        self._deadline = 0.0
        self.session: Session | None = None

    @property
    def ended(self) -> str:
        """Why it is over; empty while it is not."""
        if self.session is None and time.monotonic() > self._deadline:
            return self._link.ended or "the broker did not answer CONNECT"
        return self._link.ended

    def open(self) -> None:
        """Connect; blocks for at most a few seconds.

        Raises:
            SinkError: the broker cannot be reached.
        """
        self._link.connect()
        self._deadline = time.monotonic() + CONNACK_TIMEOUT_S

    def turn(self) -> None:
        """Wait for something to happen, deal with it, publish what was handed over."""
        self._link.pump(PUMP_S, self._outlet.doorbell)
        if self.session is not None and not self._link.ended:
            self.session.flush(self._link.publish)

    def close(self) -> None:
        """Say goodbye, if anybody still listens."""
        self._link.disconnect()
        for _ in range(GOODBYE_TURNS):
            if self._link.ended:
                return
            self._link.pump(PUMP_S, self._outlet.doorbell)

    def abandon(self) -> None:
        """Release what a connection that ended somehow still holds."""
        self._link.abandon()

    def on_connected(self, limits: Limits) -> None:
        """Begin the session."""
        self._link.subscribe(self._inbox.filters)
        self.session = Session(limits, mqtt5=self._mqtt5, emit=self._outlet.emit)
        self._outlet.emit(Connected(limits, self._number))

    def on_answer(self, packet_id: int, code: int) -> None:
        """Pass a PUBACK on."""
        if self.session is not None:
            self.session.answer(packet_id, code)

    def on_message(self, topic: str, payload: bytes, envelope: Envelope) -> None:
        """Pass on what consumers say; count what makes no sense."""
        try:
            events = self._inbox.read(topic, payload, envelope)
        except WireError as error:
            self._outlet.lost("malformed")
            log.warning("ignored a message: %s", error, extra={"limit": "malformed"})
            return
        for event in events:
            self._outlet.emit(event)

    def on_subscription_refused(self, why: str) -> None:
        """Say so: without it no acknowledgement ever arrives."""
        log.error(
            "the broker refuses a subscription (%s): allow %s",
            why,
            " and ".join(self._inbox.filters),
        )
