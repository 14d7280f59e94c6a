"""One row read from a damaged spool, stored in a new one if it can be what it seems."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from gleancam.spool import losses
from gleancam.spool.carve import Row, Table
from gleancam.spool.records import Value

MOST_SEQ = 1 << 62
COUNTERS = ("session", "lived_ns")
"""Of `meta`: the larger of two is kept. `format` is the new file's own."""

_PARCEL = (
    "INSERT OR IGNORE INTO parcels (seq, parcel_id, kind, camera_id, captured_ns, spooled_ns,"
    " value, bytes, state, attempts, why, lane, lived_ns)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def store_row(connection: sqlite3.Connection, row: Row) -> bool:
    """Store a row; False when its columns are not of the right kind."""
    if not 0 < row.rowid < MOST_SEQ:
        return False
    try:
        _STORE[row.table](connection, row.rowid, row.values)
    except (sqlite3.IntegrityError, OverflowError, ValueError, TypeError):
        # What STRICT, a CHECK or a conversion refuses was never written by a spool.
        return False
    return True


def _parcel(connection: sqlite3.Connection, seq: int, values: list[Value]) -> None:
    _, name, kind, camera, captured, spooled, value, size, state, _due, attempts, _, why, *later = (
        values
    )
    lane, lived = later if len(later) == 2 else ("live", 0)
    kept_state = state if state in {"dead", "held"} else "ready"
    row = (seq, name, kind, camera, captured, spooled, value, size, kept_state, attempts, why)
    connection.execute(_PARCEL, (*row, lane, lived))


def _body(connection: sqlite3.Connection, seq: int, values: list[Value]) -> None:
    _, data, image, *digest = values
    connection.execute(
        "INSERT OR IGNORE INTO bodies VALUES (?, ?, ?, ?)",
        (seq, data, image, digest[0] if digest else None),
    )


def _note(connection: sqlite3.Connection, _seq: int, values: list[Value]) -> None:
    connection.execute("INSERT OR IGNORE INTO notes VALUES (?, ?, ?)", values)


def _loss(connection: sqlite3.Connection, _seq: int, values: list[Value]) -> None:
    if why := losses.fault(values):
        raise ValueError(why)
    connection.execute("INSERT OR IGNORE INTO losses VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)


def _meta(connection: sqlite3.Connection, _seq: int, values: list[Value]) -> None:
    key, value = values
    if key in COUNTERS:
        connection.execute(
            "INSERT INTO meta VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)",
            (key, value),
        )


_STORE: dict[Table, Callable[[sqlite3.Connection, int, list[Value]], None]] = {
    "parcels": _parcel,
    "bodies": _body,
    "notes": _note,
    "losses": _loss,
    "meta": _meta,
}
