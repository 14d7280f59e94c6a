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
INFLIGHT: Final = "inflight"
SENT: Final = "sent"
HELD: Final = "held"
DEAD: Final = "dead"
FREED: Final = "freed"
EVICTED: Final = "evicted"
EXPIRED: Final = "expired"
NONE: Final = "none"

UNDELIVERED: Final = (READY, INFLIGHT, SENT)
KEPT: Final = (*UNDELIVERED, HELD)
UNDER_WAY: Final = (INFLIGHT, SENT)

MOVES: Final = {
    "claim": ((READY,), INFLIGHT),
    "sent": ((INFLIGHT,), SENT),
    "release": (UNDER_WAY, READY),
    "delay": (UNDER_WAY, READY),
    "expire_sent": ((SENT,), READY),
    "reset_in_flight": ((INFLIGHT,), READY),
    "restart": (UNDER_WAY, READY),
    "gone": (KEPT, FREED),
    "fetch": ((HELD,), READY),
    "dead": (KEPT, DEAD),
    "evict": ((READY, HELD, DEAD), EVICTED),
    "age_out": ((READY, SENT, HELD, DEAD), EXPIRED),
}
"""Each call of the spool: in these states, and only there, it leads to that one."""


def move(rows: Rows, call: str, parcels: Iterable[int] | None = None) -> Rows:
    """Return the rows after `call` on these parcels; None is all of them.

    What is left of a manifest that is gone is its picture, held.
    """
    origins, to = MOVES[call]
    chosen = range(len(rows)) if parcels is None else set(parcels)
    moved = [to if at in chosen and state in origins else state for at, state in enumerate(rows)]
    if call == "gone":
        for manifest in range(HELD_FROM, len(rows), 2):
            if moved[manifest] == FREED != rows[manifest]:
                moved[picture_of(manifest)] = HELD
    return tuple(moved)


def standing(rows: Rows, *states: str) -> tuple[int, ...]:
    """Return the parcels that are in one of `states`."""
    return tuple(at for at, state in enumerate(rows) if state in states)
