"""The spool as the model sees it: what stands in the row of each parcel, or what ended it.

A move that the row's state does not allow changes nothing, as in the spool. `test_rows.py` runs
the same calls on the real one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from protocol.numbering import HELD_FROM, picture_of

Rows: TypeAlias = "tuple[str, ...]"
"""For each parcel READY … DEAD, or why there is no row any more, or not yet."""
Move: TypeAlias = "Callable[[Rows, str, Iterable[int] | None], Rows]"
"""A spool: `move`, or one with a defect."""

READY: Final = "ready"
AGAIN: Final = "again"
"""Ready, and set back before: refused, or not acknowledged in time."""
INFLIGHT: Final = "inflight"
INFLIGHT_AGAIN: Final = "inflight again"
SENT: Final = "sent"
SENT_AGAIN: Final = "sent again"
HELD: Final = "held"
DEAD: Final = "dead"
FREED: Final = "freed"
EVICTED: Final = "evicted"
EXPIRED: Final = "expired"
NONE: Final = "none"

WAITING: Final = (READY, AGAIN)
FLYING: Final = (INFLIGHT, INFLIGHT_AGAIN)
AWAITED: Final = (SENT, SENT_AGAIN)
UNDER_WAY: Final = (*FLYING, *AWAITED)
UNDELIVERED: Final = (*WAITING, *UNDER_WAY)
KEPT: Final = (*UNDELIVERED, HELD)

_LANDS: Final = {INFLIGHT: READY, INFLIGHT_AGAIN: AGAIN}
_STARTS: Final = {**_LANDS, SENT: READY, SENT_AGAIN: AGAIN}
MOVES: Final[dict[str, dict[str, str]]] = {
    "claim": {READY: INFLIGHT, AGAIN: INFLIGHT_AGAIN},
    "sent": {INFLIGHT: SENT, INFLIGHT_AGAIN: SENT_AGAIN},
    "release": _LANDS,
    "delay": dict.fromkeys(UNDER_WAY, AGAIN),
    "expire_sent": dict.fromkeys(AWAITED, AGAIN),
    "reset_in_flight": _LANDS,
    "hurry": {},  # when something is due is left open anyway
    "restart": _STARTS,
    "gone": dict.fromkeys(KEPT, FREED),
    "fetch": {HELD: READY},
    "dead": dict.fromkeys(KEPT, DEAD),
    "evict": dict.fromkeys((*WAITING, HELD, DEAD), EVICTED),
    "age_out": dict.fromkeys((*WAITING, *AWAITED, HELD, DEAD), EXPIRED),
}
"""Each call of the spool: from these states, and only from there, it leads to those."""


def move(rows: Rows, call: str, parcels: Iterable[int] | None = None) -> Rows:
    """Return the rows after `call` on these parcels; None is all of them.

    What is left of a manifest that is gone is its picture, held.
    """
    leads = MOVES[call]
    chosen = range(len(rows)) if parcels is None else set(parcels)
    moved = [leads.get(state, state) if at in chosen else state for at, state in enumerate(rows)]
    if call == "gone":
        for manifest in range(HELD_FROM, len(rows), 2):
            if moved[manifest] == FREED != rows[manifest]:
                moved[picture_of(manifest)] = HELD
    return tuple(moved)


def standing(rows: Rows, *states: str) -> tuple[int, ...]:
    """Return the parcels that are in one of `states`."""
    return tuple(at for at, state in enumerate(rows) if state in states)
