"""What the real `DeliveryState` decides, as functions of values, and what that does to the rows."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from gleancam.delivery.actions import Action, Await, Bury, Free, Hurry, Postpone, Reset
from gleancam.delivery.state import Policy
from gleancam.sinks.base import SinkEvent
from protocol.memory import LATER_NS, NOW_NS, Maker, Memory, freeze, thaw
from protocol.parcels_sent import name, number
from protocol.rows import Rows, move

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
def room(memory: Memory, kind: Maker, policy: Policy) -> int:
    return thaw(memory, kind, policy).room(NOW_NS)


@functools.lru_cache(MANY)
def handed_over(
    memory: Memory, parcels: tuple[int, ...], parts: int, kind: Maker, policy: Policy
) -> Memory:
    state = thaw(memory, kind, policy)
    for parcel in parcels:
        state.handed_over(name(parcel), parts)
    return freeze(state)


@functools.lru_cache(MANY)
def may_expire(memory: Memory, kind: Maker, policy: Policy) -> bool:
    return thaw(memory, kind, policy).may_expire(LATER_NS)


@functools.lru_cache(MANY)
def expired(memory: Memory, parcel: int, kind: Maker, policy: Policy) -> Memory:
    state = thaw(memory, kind, policy)
    state.expired((name(parcel),))
    return freeze(state)


def settled(rows: Rows, actions: Iterable[Action]) -> Rows:
    """Return the rows after `Settlement` did these on the spool.

    Raises:
        NotImplementedError: of pictures (`Shrink`) this model knows nothing.
    """
    for action in actions:
        rows = _settled(rows, action)
    return rows


def _settled(rows: Rows, action: Action) -> Rows:
    match action:
        case Free(ids) | Await(ids) | Postpone(ids):
            return move(rows, _CALLS[type(action)], _known(ids))
        case Bury(parcel_id, _):
            return move(rows, "dead", _known((parcel_id,)))
        case Reset():
            return move(rows, "reset_in_flight")
        case Hurry():
            return rows
    raise NotImplementedError(action)


_CALLS: dict[type[Action], str] = {Free: "gone", Await: "sent", Postpone: "delay"}
"""What `Settlement` calls on the spool."""


def _known(ids: Iterable[str]) -> tuple[int, ...]:
    return tuple(number(one) for one in ids if one.startswith("parcel-"))
