"""On which terms a limited link takes parcels: fresh ones first, the backlog where it may."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from gleancam.spool.lanes import HISTORICAL_EVERY, interleave
from gleancam.spool.sql import may
from gleancam.spool.states import Action
from gleancam.wire.parcel import Parcel

Admit: TypeAlias = "Callable[[Parcel, bool], bool]"
"""Whether a parcel, of the backlog or not, may go; after the first that may not, none is asked."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a link takes now.

    Attributes:
        fresh_ns: a live parcel that was spooled longer ago is backlog, as historical ones are.
        bulk: whether backlog is taken at all.
    """

    fresh_ns: int
    bulk: bool
    admit: Admit


Due: TypeAlias = "tuple[int, bool]"
"""A row's number, and whether it is backlog."""

# ruff: noqa: S608 - the parts of every statement are constants
_FIRST_FRESH = "SELECT seq FROM parcels WHERE lived_ns >= ? ORDER BY lived_ns, seq LIMIT 1"
# By number, not by index: so either is found at once, however much there is of the other.
_NEVER_SET_BACK = (
    f"SELECT seq FROM parcels NOT INDEXED WHERE {may(Action.CLAIM)}"
    " AND lane = 'live' AND due_ns = 0 AND seq >= ? AND seq < ? ORDER BY seq LIMIT ?"
)
# SQLite uses a partial index only where its condition stands word for word.
_SET_BACK = (
    f"SELECT seq FROM parcels INDEXED BY by_lane WHERE {may(Action.CLAIM)} AND state = 'ready'"
    " AND lane = 'live' AND due_ns > 0 AND due_ns <= ? AND seq >= ? AND seq < ?"
    " ORDER BY due_ns, seq LIMIT ?"
)
OF_LANE = (
    f"SELECT seq FROM parcels INDEXED BY by_lane WHERE {may(Action.CLAIM)}"
    " AND state = 'ready' AND lane = ? AND due_ns <= ? ORDER BY due_ns, seq LIMIT ?"
)
"""What is ready and due of a lane, found at once however much there is of the others."""
_ANY = 2**63 - 1


def due_on(
    terms: Terms, connection: sqlite3.Connection, limit: int, due_ns: int, lived_ns: int, turn: int
) -> list[Due]:
    """Return what is ready and due, in the order in which it is to be sent.

    Tombstones, then fresh parcels with every fifth slot for the backlog, of which in turn every
    fifth is historical; a lane that is empty gives its slots away. In each, what was set back
    comes last.
    """

    def numbers(statement: str, *values: object, most: int = limit) -> list[int]:
        return [row[0] for row in connection.execute(statement, (*values, most))]

    def live(first: int, end: int) -> list[int]:
        found = numbers(_NEVER_SET_BACK, first, end)
        return found + numbers(_SET_BACK, due_ns, first, end, most=limit - len(found))

    row = connection.execute(_FIRST_FRESH, (lived_ns - terms.fresh_ns,)).fetchone()
    first_fresh = _ANY if row is None else row[0]
    fresh = live(first_fresh, _ANY)
    told = numbers(OF_LANE, "tombstone", due_ns)
    late: list[int] = []
    if terms.bulk:
        historical = numbers(OF_LANE, "historical", due_ns)
        late = interleave(live(0, first_fresh), historical, limit, turn // HISTORICAL_EVERY)
    mixed = interleave(
        [(seq, False) for seq in fresh], [(seq, True) for seq in late], limit - len(told), turn
    )
    return [(seq, False) for seq in told] + mixed
