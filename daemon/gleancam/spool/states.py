"""The states of a parcel on disk, and which may follow which."""

from __future__ import annotations

from enum import Enum


class State(str, Enum):
    """Where a parcel stands. `GONE` is never stored: the row is deleted."""

    READY = "ready"
    INFLIGHT = "inflight"
    SENT = "sent"
    DEAD = "dead"
    GONE = "gone"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.READY: frozenset({State.INFLIGHT, State.DEAD, State.GONE}),
    State.INFLIGHT: frozenset({State.READY, State.SENT, State.DEAD, State.GONE}),
    State.SENT: frozenset({State.READY, State.DEAD, State.GONE}),
    State.DEAD: frozenset({State.GONE}),
    State.GONE: frozenset(),
}
"""What each state may become.

ready → inflight   claimed and handed to the sink
ready → gone       acknowledged late, from an earlier attempt; or evicted
ready → dead       rejected late
inflight → ready   refused, or the session ended, or the daemon restarted
inflight → sent    the broker took it over; a consumer has still to acknowledge it
sent → ready       not acknowledged in time, or the daemon restarted
inflight, sent → gone   delivered
inflight, sent → dead   nobody will ever take it; kept to be looked at until space is needed
dead → gone        space was needed: dead letters go before anything that can still be delivered
"""

UNDELIVERED = (State.READY, State.INFLIGHT, State.SENT)
"""What is still to be delivered."""


def before(state: State) -> tuple[State, ...]:
    """Return the states that may become `state`, in order."""
    return tuple(old for old in State if state in TRANSITIONS[old])
