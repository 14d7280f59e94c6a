"""`DeliveryState`, the real one, as a value: frozen between two steps and made again for the next.

Times are left out: whatever waits for a moment may go on at any, so every length and order of
delays is covered. Counters stop where they stop to
matter. `test_memory.py` notices when the class gets a field that is not here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from gleancam.delivery.state import (
    OUTAGE_REFUSALS,
    SUSPICIOUS_SESSIONS,
    DeliveryState,
    Policy,
)
from gleancam.sinks.base import Limits

Maker: TypeAlias = Callable[[Policy], DeliveryState]
"""The real class, or one with a defect."""

NOW_NS = 10**9
HELD_NS = 2 * NOW_NS
LATER_NS = 10**18


class Memory(NamedTuple):
    in_flight: tuple[tuple[str, int], ...]
    sent: tuple[str, ...]
    again: tuple[str, ...]
    receive_maximum: int
    online: bool
    held: bool
    refusals: int
    fruitless: int
    strikes: tuple[tuple[str, int, bool], ...]
    connected: bool


def freeze(state: DeliveryState) -> Memory:
    """Return what the state knows."""
    suspects = state._suspects
    return Memory(
        tuple(sorted(state._in_flight.items())),
        tuple(sorted(state._sent)),
        tuple(sorted(state._again)),
        state.limits.receive_maximum,
        state._online_since_ns is not None,
        state._hold_until_ns > NOW_NS,
        min(state._refusals, OUTAGE_REFUSALS),
        min(state._fruitless, SUSPICIOUS_SESSIONS),
        tuple(
            (one, count, suspects._accepted > accepted)
            for one, (count, accepted) in suspects._strikes.items()
        ),
        state.session is not None,
    )


def thaw(memory: Memory, kind: Maker, policy: Policy) -> DeliveryState:
    """Return a state that knows this."""
    state = kind(policy)
    state._in_flight = dict(memory.in_flight)
    state._sent = set(memory.sent)
    state._again = set(memory.again)
    state.limits = Limits(memory.receive_maximum, None)
    state._online_since_ns = NOW_NS if memory.online else None
    state._hold_until_ns = HELD_NS if memory.held else 0
    state._refusals = memory.refusals
    state._fruitless = memory.fruitless
    state._suspects._accepted = 1
    state._suspects._strikes = OrderedDict(
        (one, (count, 0 if since else 1)) for one, count, since in memory.strikes
    )
    state.session = 1 if memory.connected else None
    return state
