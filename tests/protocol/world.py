"""All that matters of the device, the broker, the consumers and the lines between, as a value.

A message is (parcel, part): part 0 is the image, the last part the manifest. Bags (what a broker
keeps for somebody) are sorted tuples, since no order is promised across topics.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias, TypeVar

from gleancam.sinks.base import SinkEvent
from protocol.inbox import There, Word
from protocol.line import Line
from protocol.memory import Memory
from protocol.rows import Rows

Part: TypeAlias = "tuple[int, int]"
Words: TypeAlias = "tuple[tuple[int, Word], ...]"
B = TypeVar("B", bound="tuple[object, ...]")


class Mailbox(NamedTuple):
    """What the broker keeps for one consumer, and whether it is said to be there.

    A session is what a broker remembers of a client that is away; without one, what is published
    for it is thrown away.
    """

    store: tuple[Part, ...] = ()
    session: bool = False
    presence: bool = False


class Broker(NamedTuple):
    """What it keeps for each consumer and for the device (`words`)."""

    mailboxes: tuple[Mailbox, ...]
    words: Words = ()
    device_session: bool = False


class Consumer(NamedTuple):
    """`halves`, `taken` and `to_answer` are in memory; `seen` and `have` on the disk.

    Attributes:
        halves: parts of parcels that are not complete, and pictures without their manifests.
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
        leave: a consumer's connection ends.
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
    there: who is online, as far as the device's session knows.
    events: what the sink reported and the delivery stage has not read.
    lost: parcels that a broker or a consumer lost after having taken them over.
    rejected: parcels that a consumer refused for good.
    asks: how often somebody may still ask for a picture.
    promised: pictures of which the device said that they will come.
    turns: what was set back and is ready, in the order in which it became so.
    """

    rows: Rows
    memory: Memory | None
    line: Line | None
    there: There
    events: tuple[SinkEvent, ...]
    broker: Broker
    consumers: tuple[Consumer, ...]
    lost: tuple[int, ...]
    rejected: tuple[int, ...]
    asks: int
    promised: tuple[int, ...]
    left: Faults
    turns: tuple[int, ...] = ()

    def with_consumer(self, at: int, consumer: Consumer) -> World:
        """Return the world with another one at this place."""
        return self._replace(consumers=_replaced(self.consumers, at, consumer))

    def with_mailbox(self, at: int, mailbox: Mailbox) -> World:
        """Return the world where the broker keeps this for a consumer."""
        mailboxes = _replaced(self.broker.mailboxes, at, mailbox)
        return self._replace(broker=self.broker._replace(mailboxes=mailboxes))


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


def _replaced(some: tuple[B, ...], at: int, one: B) -> tuple[B, ...]:
    return (*some[:at], one, *some[at + 1 :])
