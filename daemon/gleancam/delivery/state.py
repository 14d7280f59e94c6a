"""What delivery decides: how much may be sent now, and what each event of the sink means.

No I/O, no clock, no thread: events and times in, actions out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gleancam.delivery.actions import (
    Action,
    Await,
    Bury,
    Free,
    Hurry,
    Postpone,
    Reset,
    Shrink,
)
from gleancam.delivery.suspects import Suspects
from gleancam.sinks.base import (
    Accepted,
    Commanded,
    Connected,
    Disconnected,
    Ingested,
    Limits,
    Nudge,
    Presence,
    Refused,
    Rejected,
    SinkEvent,
)

SECOND_NS = 10**9
FIRST_HOLD_NS = SECOND_NS
LONGEST_HOLD_NS = 60 * SECOND_NS
MESSAGES_PER_PARCEL = 2
OUTAGE_REFUSALS = 3
"""So many refusals with nothing accepted between them are the broker's doing, not the parcels'."""
SUSPICIOUS_SESSIONS = 2
"""So many connections that ended with nothing accepted: from now on, one parcel at a time."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How delivery is confirmed, and how much may be on its way.

    Attributes:
        confirm: `ingest`: a consumer's word frees a parcel; `puback`: the broker's does.
        ack_timeout_ns: a consumer that is online has so long to acknowledge.
        unanswered_messages: not yet taken over by the broker; its Receive Maximum also holds.
        unacknowledged_parcels: sent and not yet freed. At most half of them are sent again after
            they were set back: what nobody acknowledges must not keep from going what somebody
            would.
        ahead_messages: handed to the sink besides, so that its next ones are there when an answer
            comes; it sends them when the window allows.
    """

    confirm: Literal["ingest", "puback"]
    ack_timeout_ns: int
    unanswered_messages: int = 20
    unacknowledged_parcels: int = 64
    ahead_messages: int = 0

    @property
    def again_parcels(self) -> int:
        """The part of the window that is open to what was set back."""
        return max(1, self.unacknowledged_parcels // 2)


class DeliveryState:
    """The two windows, the consumer's presence and the patience after refusals.

    Attributes:
        session: of the current connection; None while there is none.
        limits: what its other side takes.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._in_flight: dict[str, int] = {}
        self._sent: set[str] = set()
        self._again: set[str] = set()
        self._online_since_ns: int | None = None
        self._hold_until_ns = 0
        self._refusals = 0
        self._fruitless = 0
        self._suspects = Suspects()
        self.session: int | None = None
        self.limits = Limits(receive_maximum=1, maximum_packet_bytes=None)

    @property
    def outstanding(self) -> int:
        """Parcels handed over and not settled."""
        return len(self._in_flight) + len(self._sent)

    @property
    def stocked(self) -> bool:
        """Whether the sink has more than it may send at once: it can wait for the next ones."""
        return self._messages_in_flight > self._window

    def room(self, now_ns: int) -> int:
        """Return how many parcels may be handed over now."""
        if not self.may_send(now_ns):
            return 0
        parcels = self._policy.unacknowledged_parcels - self.outstanding
        if self._refusals or self._fruitless >= SUSPICIOUS_SESSIONS:
            probe = 0 if self._in_flight else 1
            return max(0, min(parcels, probe))
        return max(0, min(parcels, self._room_for_messages()))

    def room_again(self, now_ns: int) -> int:
        """Return how many that were set back may be handed over now, when no others are left."""
        return max(0, min(self.room(now_ns), self._policy.again_parcels - len(self._again)))

    def may_send(self, now_ns: int) -> bool:
        """Whether there is somebody to send to, and no reason to wait."""
        somebody = self._policy.confirm == "puback" or self._online_since_ns is not None
        return self.session is not None and somebody and now_ns >= self._hold_until_ns

    def may_expire(self, now_ns: int) -> bool:
        """Whether a silent consumer is to be taken for one that has lost something.

        One that has just come online still reads what the broker kept for it.
        """
        since = self._online_since_ns
        return since is not None and now_ns - since >= self._policy.ack_timeout_ns

    def handed_over(self, parcel_id: str, messages: int, *, again: bool = False) -> None:
        """Note that a parcel is on its way; `again`: it was set back before."""
        self._sent.discard(parcel_id)
        self._in_flight[parcel_id] = messages
        if again:
            self._again.add(parcel_id)

    def not_handed_over(self, parcel_id: str) -> None:
        """Note that the sink did not take it."""
        self._in_flight.pop(parcel_id, None)
        self._again.discard(parcel_id)

    def expired(self, parcel_ids: tuple[str, ...]) -> None:
        """Note that these are awaited no more: they will be sent again, or were given up."""
        self._sent.difference_update(parcel_ids)
        self._again.difference_update(parcel_ids)

    def hurry(self) -> None:
        """Wait no longer after refusals; the first parcel still goes alone."""
        self._hold_until_ns = 0

    def receive(self, event: SinkEvent, now_ns: int) -> tuple[Action, ...]:
        """Take one event of the sink and return what is to be done."""
        actions: tuple[Action, ...] = ()
        match event:
            case Connected():
                actions = self._connected(event)
            case Disconnected():
                actions = self._disconnected()
            case Presence(online):
                self._online_since_ns = (self._online_since_ns or now_ns) if online else None
            case Accepted(parcel_id):
                actions = self._accepted(parcel_id)
            case Refused():
                actions = self._refused(event, now_ns)
            case Ingested(parcel_ids):
                actions = self._settle(parcel_ids, Free(parcel_ids))
            case Rejected(parcel_id, why):
                burial = Bury(parcel_id, f"a consumer rejected it: {why}")
                actions = self._settle((parcel_id,), burial)
            case Nudge() | Commanded():
                pass
        return actions

    def _connected(self, event: Connected) -> tuple[Action, ...]:
        lost = self._disconnected()
        self.session = event.session
        self.limits = event.limits
        return lost

    def _disconnected(self) -> tuple[Action, ...]:
        lost = tuple(self._in_flight)
        self._in_flight.clear()
        self._again.intersection_update(self._sent)
        self.session = self._online_since_ns = None
        self._hold_until_ns = self._refusals = 0
        self._fruitless += 1 if lost else 0
        if not lost:
            return ()
        return (*self._suspect(lost), Reset())

    def _suspect(self, lost: tuple[str, ...]) -> tuple[Action, ...]:
        """Judge a parcel that was alone on its way when the connection ended, again and again."""
        if len(lost) > 1 or self._fruitless < SUSPICIOUS_SESSIONS:
            return ()
        if self._suspects.strike(lost[0]):
            return (Bury(lost[0], "every connection on which it was sent alone ended"),)
        return (Postpone(lost),)

    def _accepted(self, parcel_id: str) -> tuple[Action, ...]:
        if self._in_flight.pop(parcel_id, None) is None:
            return ()
        over = (Hurry(),) if self._refusals >= OUTAGE_REFUSALS else ()
        self._refusals = self._hold_until_ns = self._fruitless = 0
        self._suspects.acquit(parcel_id)
        if self._policy.confirm == "puback":
            self._again.discard(parcel_id)
            return (Free((parcel_id,)), *over)
        self._sent.add(parcel_id)
        return (Await((parcel_id,)), *over)

    def _refused(self, event: Refused, now_ns: int) -> tuple[Action, ...]:
        if self._in_flight.pop(event.parcel_id, None) is None:
            return ()
        self._again.discard(event.parcel_id)
        if event.image_limit_bytes is not None:
            return (Shrink(event.parcel_id, event.image_limit_bytes),)
        if event.permanent:
            return (Bury(event.parcel_id, event.why),)
        self._hold(now_ns)
        return (Postpone((event.parcel_id,)),)

    def _hold(self, now_ns: int) -> None:
        """Send nothing for a while, then one parcel, as long as everything is refused."""
        if now_ns >= self._hold_until_ns:
            span = min(FIRST_HOLD_NS << min(self._refusals, 10), LONGEST_HOLD_NS)
            self._refusals += 1
            self._hold_until_ns = now_ns + span

    def _settle(self, parcel_ids: tuple[str, ...], action: Action) -> tuple[Action, ...]:
        for parcel_id in parcel_ids:
            self._in_flight.pop(parcel_id, None)
        self._sent.difference_update(parcel_ids)
        self._again.difference_update(parcel_ids)
        return (action,)

    @property
    def _window(self) -> int:
        return min(self.limits.receive_maximum, self._policy.unanswered_messages)

    @property
    def _messages_in_flight(self) -> int:
        return sum(self._in_flight.values())

    def _room_for_messages(self) -> int:
        free = self._window + self._policy.ahead_messages - self._messages_in_flight
        return max(free // MESSAGES_PER_PARCEL, 0 if self._in_flight else 1)
