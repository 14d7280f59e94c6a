"""What is handed out for delivery: tombstones first, then live and historical mixed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gleancam.errors import SpoolDamagedError
from gleancam.spool.digest import misshapen, unsound
from gleancam.spool.lanes import interleave
from gleancam.spool.sql import array
from gleancam.spool.terms import OF_LANE, Due, Terms, due_on
from gleancam.wire.parcel import Parcel

PARCEL = "p.parcel_id, p.kind, p.camera_id, p.captured_ns, b.data, b.image, p.value, p.lane"
"""The columns of a `Parcel`, in its order."""

# ruff: noqa: S608 - the parts of every statement are constants
_LOAD = (
    # CROSS JOIN keeps SQLite from choosing another order than the array's.
    f"SELECT {PARCEL}, b.digest, p.attempts, p.spooled_ns FROM json_each(?) due"
    " CROSS JOIN parcels p ON p.seq = due.value LEFT JOIN bodies b ON b.seq = p.seq"
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A parcel handed out for delivery.

    Attributes:
        attempt: 1 for the first.
        spooled_s: how long it has waited, by the wall clock; never below 0.
        damage: what the disk did to its content; empty when nothing. A damaged one is not sent.
        bulk: it is backlog, by the terms on which it was claimed.
    """

    parcel: Parcel
    attempt: int
    spooled_s: float
    damage: str = ""
    bulk: bool = False


def claimable(
    connection: sqlite3.Connection, limit: int, now_ns: int, wall_ns: int, turn: int
) -> list[Claimed]:
    """Return what is ready and due, in the order in which it is to be sent.

    Raises:
        SpoolDamagedError: a row has no body: a tree of the database is damaged.
    """

    def due(lane: str) -> list[int]:
        return [row[0] for row in connection.execute(OF_LANE, (lane, now_ns, limit))]

    first = due("tombstone")
    rest = interleave(due("live"), due("historical"), limit - len(first), turn)
    return list(_load(connection, [(seq, False) for seq in first + rest], wall_ns))


def claimable_on(
    terms: Terms,
    connection: sqlite3.Connection,
    limit: int,
    moment: tuple[int, int, int],
    turn: int,
) -> list[Claimed]:
    """Return what `terms` let go now; `moment` is monotonic, UTC and the spool's own time.

    Raises:
        SpoolDamagedError: as `claimable`.
    """
    now_ns, wall_ns, lived_ns = moment
    found: list[Claimed] = []
    due = due_on(terms, connection, limit, now_ns, lived_ns, turn)
    for one in _load(connection, due, wall_ns):
        if not terms.admit(one.parcel, one.bulk):
            break
        found.append(one)
    return found


def find(connection: sqlite3.Connection, parcel_id: str) -> Parcel | None:
    """Return one parcel by its id; None when it is not here or no longer what was written."""
    row = connection.execute(
        f"SELECT {PARCEL}, b.digest FROM parcels p JOIN bodies b USING (seq) WHERE p.parcel_id = ?",
        (parcel_id,),
    ).fetchone()
    if row is None or misshapen(row[:-1]):
        return None
    parcel = Parcel(*row[:-1])
    return None if unsound(parcel, row[-1]) else parcel


def _load(connection: sqlite3.Connection, due: Sequence[Due], wall_ns: int) -> Iterator[Claimed]:
    rows = connection.execute(_LOAD, (array(seq for seq, _ in due),))
    for (seq, bulk), (*fields, expected, attempts, spooled_ns) in zip(due, rows, strict=True):
        if misshapen(fields):
            raise SpoolDamagedError(f"the spool's row {seq} has lost its body")
        parcel = Parcel(*fields)
        waited_s = max(0, wall_ns - spooled_ns) / 1e9
        yield Claimed(parcel, attempts + 1, waited_s, unsound(parcel, expected), bulk)
