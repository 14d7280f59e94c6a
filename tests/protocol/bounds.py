"""How large a world is, and how its parties behave."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from gleancam.delivery.state import DeliveryState, Policy
from gleancam.sinks.base import Limits
from gleancam.sinks.consumers import Consumers
from protocol.inbox import Watch
from protocol.memory import Maker
from protocol.numbering import HELD_FROM
from protocol.rows import NONE, READY, Move, move
from protocol.world import Broker, Consumer, Faults, Mailbox, World

UNANSWERED_MESSAGES = 2


@dataclass(frozen=True)
class Rules:
    """How the parties behave; anything but the defaults is a defect, for the checker to find."""

    delivery: Maker = DeliveryState
    spool: Move = move
    watch: Watch = Consumers
    restart_resets: bool = True
    delivery_hears_of_age: bool = True
    writes_before_ack: bool = True
    acknowledges_only_its_own: bool = True
    remembers: bool = True
    fetching_waits_for_the_disk: bool = True
    may_lose: bool = True
    answers_nobody: bool = True


@dataclass(frozen=True)
class Bounds:
    """How large the world is.

    Attributes:
        parcels: samples or events that are sent whole.
        held: samples whose picture is held.
        parts: 2 for samples (image and manifest), 1 for events.
        ahead: messages handed to the sink above its window.
        filters: which parcels each consumer subscribes to; empty: one that takes all.
        sometimes: consumers that need not come back, even in a calm world.
        asks: how often somebody may ask for a picture.
        consumers_first: they were online before the device was; else they come at any time.
    """

    confirm: Literal["ingest", "puback"]
    parcels: int = 2
    parts: int = 1
    receive_maximum: int = 2
    unacknowledged_parcels: int = 2
    faults: Faults = Faults(1)  # noqa: RUF009 - a frozen value
    held: int = 0
    ahead: int = 0
    filters: tuple[tuple[int, ...], ...] = ()
    sometimes: tuple[int, ...] = ()
    asks: int = 2
    consumers_first: bool = False
    rules: Rules = field(default_factory=Rules)

    @cached_property
    def policy(self) -> Policy:
        unacknowledged = self.unacknowledged_parcels
        return Policy(self.confirm, 1, UNANSWERED_MESSAGES, unacknowledged, self.ahead)

    @cached_property
    def limits(self) -> Limits:
        return Limits(self.receive_maximum, None)

    @property
    def most_handed_over(self) -> int:
        """Messages that delivery may have handed over, unless they are those of one parcel.

        What is left of a parcel that was refused, or freed by a late word, no longer counts.
        """
        return min(self.receive_maximum, UNANSWERED_MESSAGES) + self.ahead

    def subscribes(self, consumer: int, parcel: int) -> bool:
        """Whether a consumer gets a parcel."""
        return not self.filters or parcel in self.filters[consumer]

    def has_taker(self, parcel: int) -> bool:
        """Whether a consumer that always comes back subscribes to it."""
        some = set(range(len(self.filters) or 1)).difference(self.sometimes)
        return any(self.subscribes(one, parcel) for one in some)

    def start(self) -> World:
        """Return the world with everything kept and nothing sent, nobody connected."""
        rows = (READY,) * self.parcels
        if self.held:
            rows += (NONE,) * (HELD_FROM - self.parcels) + (READY, NONE) * self.held
        many = len(self.filters) or 1
        first = self.consumers_first
        consumers = (Consumer((), (0,) * len(rows), online=first),) * many
        broker = Broker((Mailbox(session=first, presence=first),) * many)
        asks = self.asks if self.held else 0
        return World(rows, None, None, (), (), broker, consumers, (), (), asks, (), self.faults)
