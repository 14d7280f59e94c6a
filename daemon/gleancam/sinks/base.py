"""The sink contract: messages in, events out; the spool, not the sink, is the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from gleancam.channel import Channel
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
    """A session began. Everything in flight before it is to be sent again."""

    limits: Limits


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The session ended; nothing in flight will be answered."""

    why: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """Every message of the parcel was taken over by the other side (PUBACK 0x00)."""

    parcel_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side did not take the parcel.

    Attributes:
        permanent: trying again will give the same answer (a dead letter).
    """

    parcel_id: str
    why: str
    permanent: bool


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
    """Whether at least one consumer is online."""

    online: bool


SinkEvent: TypeAlias = (
    Connected | Disconnected | Accepted | Refused | Ingested | Rejected | Presence
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
            SinkError: there is no session, or the window of `Limits.receive_maximum` is full.
        """

    def retain(self, message: Message) -> None:
        """Send a retained status, and again in every later session until it is replaced."""

    def stop(self, timeout_s: float) -> None:
        """Send what `retain` was last given, end the session and release everything."""
