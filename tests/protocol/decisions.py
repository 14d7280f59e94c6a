"""What the real `DeliveryState` decides, as functions of values, and what that does to the rows."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from gleancam.delivery.actions import Action, Await, Bury, Free, Hurry, Postpone, Reset
from gleancam.delivery.fetching import Fetching
from gleancam.delivery.state import Policy
from gleancam.sinks.base import SinkEvent
from gleancam.spool.queue import Spool
from gleancam.wire.command import Command
from protocol.bounds import Bounds
from protocol.memory import LATER_NS, NOW_NS, Maker, Memory, freeze, thaw
from protocol.numbering import name, number, picture_of
from protocol.rows import UNDELIVERED, Move, Rows, standing

MANY = 1 << 16


@functools.lru_cache(MANY)
def received(
    memory: Memory, event: SinkEvent, kind: Maker, policy: Policy
) -> tuple[Memory, tuple[Action, ...]]:
    """Return what is known and what is to be done after an event."""
    state = thaw(memory, kind, policy)
    actions = state.receive(event, NOW_NS)
    return freeze(state), actions


@functools.lru_cache(MANY)
def room(memory: Memory, kind: Maker, policy: Policy, *, again: bool) -> int:
    state = thaw(memory, kind, policy)
    return state.room_again(NOW_NS) if again else state.room(NOW_NS)


@functools.lru_cache(MANY)
def handed_over(memory: Memory, parcels: tuple[int, ...], bounds: Bounds, *, again: bool) -> Memory:
    state = thaw(memory, bounds.rules.delivery, bounds.policy)
    for parcel in parcels:
        state.handed_over(name(parcel), bounds.parts, again=again)
    return freeze(state)


@functools.lru_cache(MANY)
def may_expire(memory: Memory, kind: Maker, policy: Policy) -> bool:
    return thaw(memory, kind, policy).may_expire(LATER_NS)


@functools.lru_cache(MANY)
def expired(memory: Memory, parcel: int, kind: Maker, policy: Policy) -> Memory:
    state = thaw(memory, kind, policy)
    state.expired((name(parcel),))
    return freeze(state)


def settled(rows: Rows, actions: Iterable[Action], spool: Move) -> Rows:
    """Return the rows after `Settlement` did these on the spool.

    Raises:
        NotImplementedError: of messages that are too large (`Shrink`) this model knows nothing.
    """
    for action in actions:
        rows = _settled(rows, action, spool)
    return rows


def obeyed(rows: Rows, command: Command, spool: Move) -> tuple[Rows, tuple[int, ...]]:
    """Return the rows after the real `Fetching`, and the pictures that it says will come."""
    shelf = _Shelf(rows, spool)
    verdict = Fetching(cast("Spool", shelf), lambda: None).fetch(command)
    coming = set(command.samples).difference(verdict.missing)
    return shelf.rows, tuple(sorted(picture_of(number(one)) for one in coming))


@dataclass
class _Shelf:
    """As much of a spool as `Fetching` sees."""

    rows: Rows
    spool: Move

    def fetch(self, sample_ids: Iterable[str]) -> tuple[str, ...]:
        ids = tuple(sample_ids)
        self.rows = self.spool(self.rows, "fetch", [picture_of(number(one)) for one in ids])
        due = standing(self.rows, *UNDELIVERED)
        return tuple(one for one in ids if picture_of(number(one)) not in due)


def _settled(rows: Rows, action: Action, spool: Move) -> Rows:
    match action:
        case Free(ids) | Await(ids) | Postpone(ids):
            return spool(rows, _CALLS[type(action)], _known(rows, ids))
        case Bury(parcel_id, _):
            return spool(rows, "dead", _known(rows, (parcel_id,)))
        case Reset():
            return spool(rows, "reset_in_flight", None)
        case Hurry():
            return rows
    raise NotImplementedError(action)


_CALLS: dict[type[Action], str] = {Free: "gone", Await: "sent", Postpone: "delay"}
"""What `Settlement` calls on the spool."""


def _known(rows: Rows, ids: Iterable[str]) -> tuple[int, ...]:
    return tuple(at for at in map(number, ids) if at < len(rows))
