"""All that matters of the device, the broker, the consumer and the lines between, as a value.

A message is (parcel, part): part 0 is the image, the last part the manifest. Bags (what a broker
keeps for somebody) are sorted tuples, since no order is promised across topics.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from gleancam.delivery.state import DeliveryState, Policy
from gleancam.sinks.base import Limits, SinkEvent
from protocol.line import Line
from protocol.memory import Maker, Memory
from protocol.rows import READY, Rows

Part: TypeAlias = "tuple[int, int]"
Verdict: TypeAlias = Literal["ack", "reject"]
Acks: TypeAlias = "tuple[tuple[int, Verdict], ...]"
B = TypeVar("B", bound="tuple[object, ...]")


class Broker(NamedTuple):
    """What it keeps: for the consumer, for the device, and whether a consumer is said to be there.

    A session is what a broker remembers of a client that is away; without one, what is published
    for it is thrown away.
    """

    store: tuple[Part, ...] = ()
    acks: Acks = ()
    device_session: bool = False
    consumer_session: bool = False
    presence: bool = False


class Consumer(NamedTuple):
    """`halves`, `taken` and `to_answer` are in memory; `seen` and `have` on the disk.

    Attributes:
        halves: parts of parcels that are not complete.
        taken: handed out to be written.
        to_answer: written, and not yet acknowledged.
        seen: what it remembers to have written.
        have: how often each parcel was written.
    """

    seen: tuple[int, ...]
    have: tuple[int, ...]
    up: bool = True
    online: bool = False
    halves: tuple[Part, ...] = ()
    taken: tuple[int, ...] = ()
    to_answer: tuple[int, ...] = ()


class Faults(NamedTuple):
    """How often each may still happen, and how many of all kinds together.

    Attributes:
        power: daemon crashes that also take back what was not waited for on the disk.
        cut: the device's connection ends.
        leave: the consumer's connection ends.
        again: a message is delivered twice.
        mute: an acknowledgement is lost.
        late: the device loses patience with a consumer that is only slow.
        stray: an acknowledgement names a parcel nobody knows.
    """

    total: int
    crash: int = 1
    power: int = 1
    broker: int = 1
    consumer: int = 1
    cut: int = 1
    leave: int = 1
    again: int = 1
    mute: int = 1
    late: int = 1
    stray: int = 1
    reject: int = 1
    refuse: int = 1
    evict: int = 1
    age: int = 1


class World(NamedTuple):
    """Attributes:
    memory, line: None while the daemon is down, or not connected.
    events: what the sink reported and the delivery stage has not read.
    lost: parcels that a broker or a consumer lost after having taken them over.
    rejected: parcels that a consumer refused for good.
    """

    rows: Rows
    memory: Memory | None
    line: Line | None
    events: tuple[SinkEvent, ...]
    broker: Broker
    consumer: Consumer
    lost: tuple[int, ...]
    rejected: tuple[int, ...]
    left: Faults


@dataclass(frozen=True)
class Rules:
    """How the parties behave; anything but the defaults is a defect, for the checker to find."""

    delivery: Maker = DeliveryState
    restart_resets: bool = True
    delivery_hears_of_age: bool = True
    writes_before_ack: bool = True
    remembers: bool = True
    may_lose: bool = True
    answers_nobody: bool = True


@dataclass(frozen=True)
class Bounds:
    """How large the world is.

    Attributes:
        parts: 2 for samples (image and manifest), 1 for events.
    """

    confirm: Literal["ingest", "puback"]
    parcels: int = 2
    parts: int = 1
    receive_maximum: int = 2
    unacknowledged_parcels: int = 2
    faults: Faults = Faults(1)  # noqa: RUF009 - a frozen value
    rules: Rules = field(default_factory=Rules)

    @property
    def policy(self) -> Policy:
        return Policy(self.confirm, 1, 2, self.unacknowledged_parcels)

    @property
    def limits(self) -> Limits:
        return Limits(self.receive_maximum, None)

    def start(self) -> World:
        """Return the world with everything kept and nothing sent, nobody connected."""
        rows = (READY,) * self.parcels
        consumer = Consumer((), (0,) * self.parcels)
        return World(rows, None, None, (), Broker(), consumer, (), (), self.faults)


def spent(world: World, fault: str) -> World | None:
    """Return the world with one fault of this kind less to come; None when none is left."""
    left = world.left
    count: int = getattr(left, fault)
    if not count or not left.total:
        return None
    return world._replace(left=left._replace(total=left.total - 1, **{fault: count - 1}))


def put(bag: tuple[B, ...], one: B) -> tuple[B, ...]:
    """Return the bag with one more."""
    return tuple(sorted((*bag, one)))


def taken_out(bag: tuple[B, ...], one: B) -> tuple[B, ...]:
    """Return the bag with one less."""
    at = bag.index(one)
    return bag[:at] + bag[at + 1 :]


def united(some: tuple[int, ...], more: tuple[int, ...]) -> tuple[int, ...]:
    """Return the sorted numbers of both, once each."""
    return tuple(sorted({*some, *more}))


def without(some: tuple[int, ...], one: int) -> tuple[int, ...]:
    return tuple(other for other in some if other != one)
