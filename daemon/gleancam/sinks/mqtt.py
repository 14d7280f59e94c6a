"""The MQTT sink: a stage that connects, listens, publishes, and connects again.

MQTT 5 first, 3.1.1 by configuration; QoS 1; a session that outlives connections; reconnects with
full jitter. The delivery stage hands messages over; all that touches the network happens on this
stage's own thread, which hands events back through one bounded channel.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gleancam.backoff import TRANSIENT
from gleancam.channel import Channel, WhenFull
from gleancam.config.keys import Mqtt
from gleancam.errors import GleancamError, SinkError
from gleancam.secret_files import read_secret
from gleancam.sinks.base import Commanded, Disconnected, Ingested, Rejected, SinkEvent
from gleancam.sinks.doorbell import Doorbell
from gleancam.sinks.mqtt_session import Session
from gleancam.sinks.tls import tls_context
from gleancam.stage import Crash, Pulse, Stage
from gleancam.wire.message import Message
from gleancam.wire.topics import Topics

if TYPE_CHECKING:
    from gleancam.sinks.mqtt_connection import Connection

EVENTS_CAPACITY = 1024
EMIT_RETRY_S = 0.1
STABLE_S = 10.0
"""A connection that lasted so long was a good one: the next failure counts as the first."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a device is to the broker.

    Attributes:
        next_session: raises and returns the persisted session counter.
        will: makes what the broker publishes when the session of this number is lost.
        desired: takes the payload of `desired`, on the network thread; None: nobody may ask.
    """

    topics: Topics
    next_session: Callable[[], int]
    will: Callable[[int], Message]
    desired: Callable[[bytes], None] | None = None


class MqttSink:
    """See `Sink`.

    Args of the constructor:
        lost: counts what was thrown away, by reason: `queue_full`, `malformed`.

    Raises:
        ConfigurationError: a certificate or secret file cannot be used.
    """

    def __init__(
        self, settings: Mqtt, identity: Identity, on_crash: Crash, lost: Callable[[str], None]
    ) -> None:
        check_files(settings)
        self.events: Channel[SinkEvent] = Channel("sink events", EVENTS_CAPACITY, WhenFull.REFUSE)
        self._settings = settings
        self._identity = identity
        self._lost = lost
        self._stage = Stage("mqtt", self._run, on_crash)
        self._doorbell: Doorbell | None = None
        self._connection: Connection | None = None
        self._overflow = False
        self._leave_by = 0.0
        self._last_why = ""

    def start(self) -> None:
        """Begin to connect; `Connected` follows."""
        self._doorbell = Doorbell()
        self._stage.start()

    def send(self, parcel_id: str, messages: tuple[Message, ...]) -> None:
        """Send one parcel; `Accepted` or `Refused` follows, or `Disconnected`.

        Raises:
            SinkError: there is no session, or its window is full.
        """
        self._session().offer(parcel_id, messages)
        self._wake()

    def publish(self, message: Message) -> None:
        """Send a status.

        Raises:
            SinkError: there is no session, or its window is full.
        """
        self._session().offer(None, (message,))
        self._wake()

    def stop(self, timeout_s: float) -> None:
        """Send what was handed over, say goodbye, end the stage."""
        self._leave_by = time.monotonic() + timeout_s
        self._stage.stop()
        self._wake()
        if self._stage.join(timeout_s + 1) and self._doorbell is not None:
            self._doorbell.close()

    def _session(self) -> Session:
        connection = self._connection
        if connection is None or connection.session is None:
            raise SinkError("there is no session with the broker", transient=True)
        return connection.session

    def _wake(self) -> None:
        if self._doorbell is not None:
            self._doorbell.ring()

    def _run(self, pulse: Pulse) -> None:
        failures = 0
        # Jitter wants no secrecy, only that devices differ.
        rng = random.Random()  # noqa: S311
        while not pulse.stopping:
            began = time.monotonic()
            why = self._connect_and_work(pulse)
            self._connection = None
            failures = 1 if time.monotonic() - began > STABLE_S else failures + 1
            if not pulse.stopping:
                self._report_end(why, pulse)
                pulse.sleep(TRANSIENT.wait_s(failures, rng), on="broker")

    def _connect_and_work(self, pulse: Pulse) -> str:
        """Run one connection to its end and return why it ended."""
        try:
            with pulse.waiting("broker"):
                connection = self._connect()
        except GleancamError as error:
            return str(error)
        self._overflow = False
        self._connection = connection
        try:
            return self._work(connection, pulse)
        finally:
            connection.abandon()

    def _work(self, connection: Connection, pulse: Pulse) -> str:
        while not connection.ended:
            with pulse.waiting("broker"):
                connection.turn()
            if self._overflow or (pulse.stopping and self._may_leave(connection)):
                connection.close()
                return "too many events waited" if self._overflow else "stopped"
        return connection.ended

    def _connect(self) -> Connection:
        from gleancam.sinks.mqtt_connection import Connection, Outlet

        number = self._identity.next_session()
        assert self._doorbell is not None  # noqa: S101 - `start` made it before this thread
        outlet = Outlet(self._emit, self._lost, self._doorbell)
        will = self._identity.will(number)
        who = self._identity
        connection = Connection(self._settings, who.topics, number, will, outlet, who.desired)
        connection.open()
        return connection

    def _may_leave(self, connection: Connection) -> bool:
        session = connection.session
        return session is None or session.idle or time.monotonic() >= self._leave_by

    def _emit(self, event: SinkEvent) -> None:
        """Hand over an event.

        A lost acknowledgement comes again, and so does a command that nobody answers; any other
        ends the session. Commands leave half the queue to the others.
        """
        crowded = isinstance(event, Commanded) and len(self.events) >= EVENTS_CAPACITY // 2
        if crowded or not self.events.put(event):
            self._lost("queue_full")
            dispensable = isinstance(event, Commanded | Ingested | Rejected)
            self._overflow = self._overflow or not dispensable

    def _report_end(self, why: str, pulse: Pulse) -> None:
        if why != self._last_why:
            log.warning("not connected: %s", why)
            self._last_why = why
        while not self.events.put(Disconnected(why)):
            if pulse.sleep(EMIT_RETRY_S, on="delivery"):
                return


def check_files(settings: Mqtt) -> None:
    """Read every file the configuration names.

    Raises:
        ConfigurationError: one cannot be used.
    """
    if settings.tls is not None:
        tls_context(settings.tls)
    for key in ("username_file", "password_file"):
        if path := getattr(settings, key):
            read_secret(f"mqtt.{key}", path)
