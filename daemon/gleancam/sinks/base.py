"""The sink contract: messages in, events out; the spool, not the sink, is the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from gleancam.channel import Channel
from gleancam.wire.command import Request
from gleancam.wire.message import Message


@dataclass(frozen=True, slots=True)
class Limits:
    """What the other side takes.

    Attributes:
        receive_maximum: messages that may be unacknowledged at once.
        maximum_packet_bytes: the largest packet; None when the other side sets no limit.
    """

    receive_maximum: int
    maximum_packet_bytes: int | None


@dataclass(frozen=True, slots=True)
class Connected:
    """A session began. Everything in flight before it is to be sent again.

    Attributes:
        session: its number, raised before every attempt to connect; statuses carry it.
    """

    limits: Limits
    session: int


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The session ended, or could not begin; nothing in flight will be answered."""

    why: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """Every message of the parcel was taken over by the other side (PUBACK 0x00)."""

    parcel_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side did not take the parcel; answered once for each `send`.

    Attributes:
        permanent: trying again will give the same answer (a dead letter).
        image_limit_bytes: set when the parcel was too large: how large its image may be.
    """

    parcel_id: str
    why: str
    permanent: bool
    image_limit_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Ingested:
    """A consumer has written these parcels durably: they may be forgotten."""

    parcel_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A consumer will never take this parcel."""

    parcel_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether at least one consumer is online. Every session begins with nobody there."""

    online: bool


@dataclass(frozen=True, slots=True)
class Commanded:
    """Something came on a command topic, a command or not; it is to be answered.

    Attributes:
        received_ns: when, on the monotonic clock.
    """

    request: Request
    received_ns: int


@dataclass(frozen=True, slots=True)
class Nudge:
    """Nothing happened outside: there is something to send. It only wakes the delivery stage."""


SinkEvent: TypeAlias = (
    Connected
    | Disconnected
    | Accepted
    | Refused
    | Ingested
    | Rejected
    | Presence
    | Commanded
    | Nudge
)


class Sink(Protocol):
    """Delivers parcels somewhere and reports what became of them.

    Calls come from one thread, the delivery stage. A sink never keeps more than it was handed; what
    it had in flight when a session ended is forgotten, and the spool hands it over again.
    """

    events: Channel[SinkEvent]

    def start(self) -> None:
        """Begin to connect; never blocks on the network. `Connected` follows when it succeeds."""

    def send(self, parcel_id: str, messages: tuple[Message, ...]) -> None:
        """Send the messages of one parcel in order; `Accepted` or `Refused` follows.

        Raises:
            SinkError: there is no session, or its window is full.
        """

    def publish(self, message: Message) -> None:
        """Send a status or an answer in this session; nothing is reported about it.

        Raises:
            SinkError: there is no session, or its window is full.
        """

    def stop(self, timeout_s: float) -> None:
        """Send what was handed over, end the session and release everything."""
