"""The states of a parcel on disk, and what may move it from which to which.

`MOVES` is the table; the SQL of every move is made from it (`sql.py`), so nothing else can happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gleancam.wire.parcel import Kind


class State(str, Enum):
    """Where a parcel stands. `GONE` is never stored: the row is deleted."""

    READY = "ready"
    INFLIGHT = "inflight"
    SENT = "sent"
    HELD = "held"
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
    HOLD = "hold"
    FETCH = "fetch"
    BURY = "bury"
    RETRY = "retry"
    EVICT = "evict"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: in `origins`, and only there, the action leads to `to`.

    Attributes:
        of: kinds of parcels that it moves; empty: all.
    """

    origins: tuple[State, ...]
    to: State
    meaning: str
    of: tuple[Kind, ...] = ()


UNDELIVERED = (State.READY, State.INFLIGHT, State.SENT)
"""What is still to be delivered."""
KEPT = (*UNDELIVERED, State.HELD)
"""What has not ended: also pictures that nobody has asked for yet."""
STORED = (*KEPT, State.DEAD)
"""What a row's state can be."""
UNDER_WAY = (State.INFLIGHT, State.SENT)

MOVES: dict[Action, Move] = {
    Action.CLAIM: Move((State.READY,), State.INFLIGHT, "handed to the sink"),
    Action.ACCEPT: Move((State.INFLIGHT,), State.SENT, "the broker took it over"),
    Action.RELEASE: Move((State.INFLIGHT,), State.READY, "was not sent after all"),
    Action.POSTPONE: Move(UNDER_WAY, State.READY, "refused; due later"),
    Action.OVERDUE: Move((State.SENT,), State.READY, "not acknowledged in time"),
    Action.DISCONNECT: Move((State.INFLIGHT,), State.READY, "its session ended"),
    Action.RESTART: Move(UNDER_WAY, State.READY, "the daemon ended"),
    Action.FREE: Move(
        KEPT,
        State.GONE,
        "delivered, maybe by an earlier attempt",
        ("sample", "event", "picture"),
    ),
    Action.HOLD: Move(
        UNDELIVERED,
        State.HELD,
        "a manifest was delivered; what is left is its picture, a parcel with an id of its own",
        ("manifest",),
    ),
    Action.FETCH: Move((State.HELD,), State.READY, "somebody asked for it", ("picture",)),
    Action.BURY: Move(KEPT, State.DEAD, "nobody will ever take it"),
    Action.RETRY: Move((State.DEAD,), State.READY, "a person asked for it"),
    Action.EVICT: Move((State.READY, State.HELD, State.DEAD), State.GONE, "its space was needed"),
    Action.EXPIRE: Move((State.READY, State.SENT, State.HELD, State.DEAD), State.GONE, "too old"),
}

TRANSITIONS: dict[State, frozenset[State]] = {
    state: frozenset(move.to for move in MOVES.values() if state in move.origins) for state in State
}
"""What each state may become, by whatever action."""
