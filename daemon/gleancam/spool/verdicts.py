"""Which of the rows saved from a damaged spool are what was written, and which are given up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Literal

from gleancam.spool import losses
from gleancam.spool.claims import PARCEL
from gleancam.spool.digest import misshapen, unsound
from gleancam.spool.room import footprint_bytes
from gleancam.wire.parcel import Parcel
from gleancam.wire.restored import restored
from gleancam.wire.times import LAST_NS
from gleancam.wire.topics import is_id

# ruff: noqa: S608 - the parts of every statement are constants
_WHOLE = f"SELECT {PARCEL}, b.digest FROM parcels p LEFT JOIN bodies b USING (seq) WHERE p.seq = ?"


def judge_parcels(connection: sqlite3.Connection, *, only_bodiless: bool = False) -> int:
    """Delete parcels that are not what was written, and note the losses; return how many.

    `only_bodiless`: leave alone those that still have a body of whatever kind.
    """
    lost = 0
    for seq in _seqs(connection, "parcels"):
        *fields, digest = connection.execute(_WHOLE, (seq,)).fetchone()
        if only_bodiless and fields[4] is not None:
            continue
        parcel = Parcel(*fields)
        if misshapen(fields) or unsound(parcel, digest):
            _give_up(connection, seq, parcel)
            lost += 1
    return lost


def revive_orphans(connection: sqlite3.Connection) -> None:
    """Make parcels again of bodies without a row that can prove what they are; delete the rest."""
    for seq in _seqs(connection, "bodies"):
        if connection.execute("SELECT 1 FROM parcels WHERE seq = ?", (seq,)).fetchone():
            continue
        data, image, digest = connection.execute(
            "SELECT data, image, digest FROM bodies WHERE seq = ?", (seq,)
        ).fetchone()
        parcel = restored(data, image)
        if parcel is None or digest is None or unsound(parcel, digest):
            connection.execute("DELETE FROM bodies WHERE seq = ?", (seq,))
        else:
            _restore(connection, seq, parcel)


def _restore(connection: sqlite3.Connection, seq: int, parcel: Parcel) -> None:
    inserted = connection.execute(
        "INSERT OR IGNORE INTO parcels (seq, parcel_id, kind, camera_id, captured_ns, spooled_ns,"
        " value, bytes, lane) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            seq,
            parcel.parcel_id,
            parcel.kind,
            parcel.camera_id,
            parcel.captured_ns,
            parcel.captured_ns,
            parcel.value,
            footprint_bytes(parcel),
            parcel.lane,
        ),
    ).rowcount
    if not inserted:
        connection.execute("DELETE FROM bodies WHERE seq = ?", (seq,))


def _give_up(connection: sqlite3.Connection, seq: int, parcel: Parcel) -> None:
    state, size = connection.execute(
        "SELECT state, bytes FROM parcels WHERE seq = ?", (seq,)
    ).fetchone()
    connection.execute("DELETE FROM parcels WHERE seq = ?", (seq,))
    connection.execute("DELETE FROM bodies WHERE seq = ?", (seq,))
    # A damaged row may bear anything; what is no id cannot be told of.
    if (
        state != "dead"
        and parcel.lane != "tombstone"
        and is_id(parcel.parcel_id)
        and is_id(parcel.camera_id)
    ):
        at_ns = min(max(0, parcel.captured_ns), LAST_NS)
        name, kind, camera_id = parcel.parcel_id, parcel.kind, parcel.camera_id
        row = losses.Leaving(seq, name, kind, camera_id, at_ns, max(0, size), state)
        losses.note(connection, [losses.loss_of(row, "damaged")])


def _seqs(connection: sqlite3.Connection, table: Literal["parcels", "bodies"]) -> Iterator[int]:
    """Return the numbers of all rows, one query each: rows may be deleted on the way."""
    last = 0
    while row := connection.execute(
        f"SELECT seq FROM {table} WHERE seq > ? ORDER BY seq LIMIT 1", (last,)
    ).fetchone():
        last = int(row[0])
        yield last
