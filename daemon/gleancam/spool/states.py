"""The states of a parcel on disk, and what may move it from which to which.

`MOVES` is the table; the SQL of every move is made from it (`sql.py`), so nothing else can happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(str, Enum):
    """Where a parcel stands. `GONE` is never stored: the row is deleted."""

    READY = "ready"
    INFLIGHT = "inflight"
    SENT = "sent"
    DEAD = "dead"
    GONE = "gone"


class Action(str, Enum):
    """What can happen to a parcel."""

    CLAIM = "claim"
    ACCEPT = "accept"
    RELEASE = "release"
    POSTPONE = "postpone"
    OVERDUE = "overdue"
    DISCONNECT = "disconnect"
    RESTART = "restart"
    FREE = "free"
    BURY = "bury"
    RETRY = "retry"
    EVICT = "evict"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: in `origins`, and only there, the action leads to `to`."""

    origins: tuple[State, ...]
    to: State
    meaning: str


UNDELIVERED = (State.READY, State.INFLIGHT, State.SENT)
"""What is still to be delivered."""
STORED = (*UNDELIVERED, State.DEAD)
"""What a row's state can be."""
UNDER_WAY = (State.INFLIGHT, State.SENT)

MOVES: dict[Action, Move] = {
    Action.CLAIM: Move((State.READY,), State.INFLIGHT, "handed to the sink"),
    Action.ACCEPT: Move((State.INFLIGHT,), State.SENT, "the broker took it over"),
    Action.RELEASE: Move(UNDER_WAY, State.READY, "was not sent after all"),
    Action.POSTPONE: Move(UNDER_WAY, State.READY, "refused; due later"),
    Action.OVERDUE: Move((State.SENT,), State.READY, "not acknowledged in time"),
    Action.DISCONNECT: Move((State.INFLIGHT,), State.READY, "its session ended"),
    Action.RESTART: Move(UNDER_WAY, State.READY, "the daemon ended"),
    Action.FREE: Move(UNDELIVERED, State.GONE, "delivered, maybe by an earlier attempt"),
    Action.BURY: Move(UNDELIVERED, State.DEAD, "nobody will ever take it"),
    Action.RETRY: Move((State.DEAD,), State.READY, "a person asked for it"),
    Action.EVICT: Move((State.READY, State.DEAD), State.GONE, "its space was needed"),
    Action.EXPIRE: Move((State.READY, State.SENT, State.DEAD), State.GONE, "too old"),
}

TRANSITIONS: dict[State, frozenset[State]] = {
    state: frozenset(move.to for move in MOVES.values() if state in move.origins) for state in State
}
"""What each state may become, by whatever action."""
