"""The spool as the model sees it: what stands in the row of each parcel, or what ended it.

A move that the row's state does not allow changes nothing, as in the spool. `test_rows.py` runs
the same calls on the real one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

Rows: TypeAlias = "tuple[str, ...]"
"""For each parcel READY … DEAD, or why there is no row any more."""

READY: Final = "ready"
INFLIGHT: Final = "inflight"
SENT: Final = "sent"
DEAD: Final = "dead"
FREED: Final = "freed"
EVICTED: Final = "evicted"
EXPIRED: Final = "expired"

UNDELIVERED: Final = (READY, INFLIGHT, SENT)
UNDER_WAY: Final = (INFLIGHT, SENT)
GIVEN_UP: Final = (DEAD, EVICTED, EXPIRED)

MOVES: Final = {
    "claim": ((READY,), INFLIGHT),
    "sent": ((INFLIGHT,), SENT),
    "release": (UNDER_WAY, READY),
    "delay": (UNDER_WAY, READY),
    "expire_sent": ((SENT,), READY),
    "reset_in_flight": ((INFLIGHT,), READY),
    "restart": (UNDER_WAY, READY),
    "gone": (UNDELIVERED, FREED),
    "dead": (UNDELIVERED, DEAD),
    "evict": ((READY, DEAD), EVICTED),
    "age_out": ((READY, SENT, DEAD), EXPIRED),
}
"""Each call of the spool: in these states, and only there, it leads to that one."""


def move(rows: Rows, call: str, parcels: Iterable[int] | None = None) -> Rows:
    """Return the rows after `call` on these parcels; None is all of them."""
    origins, to = MOVES[call]
    chosen = range(len(rows)) if parcels is None else set(parcels)
    return tuple(
        to if at in chosen and state in origins else state for at, state in enumerate(rows)
    )


def standing(rows: Rows, *states: str) -> tuple[int, ...]:
    """Return the parcels that are in one of `states`."""
    return tuple(at for at, state in enumerate(rows) if state in states)
