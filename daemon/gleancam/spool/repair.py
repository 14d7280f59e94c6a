"""Mending a spool whose daemon is stopped: nothing that can still be delivered is thrown away."""

# ruff: noqa: S608 - the parts of every statement are constants

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from gleancam.spool import losses
from gleancam.spool.damage import damage, suspect
from gleancam.spool.digest import misshapen, unlike_manifest, unsound
from gleancam.spool.disk import lock, plain_errors
from gleancam.spool.fsck import HELD_BY_MISTAKE, NO_PICTURE, WHOLE
from gleancam.spool.rescue import rescue
from gleancam.spool.room import footprint_bytes
from gleancam.spool.schema import connect
from gleancam.spool.sql import listed, move
from gleancam.spool.states import STORED, Action
from gleancam.spool.verdicts import judge_parcels, revive_orphans
from gleancam.wire.parcel import Parcel

UNKNOWN = "the reason was not noted"
NOT_TO_BE_FETCHED = "it was to have a picture, and has none"


def repair(path: Path) -> list[str]:
    """Mend what `fsck.examine` can find; return what was done.

    Raises:
        SpoolError: the spool is in use, or cannot be written.
        SpoolFullError: the disk is full.
    """
    descriptor = lock(path)
    try:
        with plain_errors(path):
            # In this order: SQLite would write a damaged log back, as far as it reads it.
            if not damage(path) and not _is_sound(path):
                suspect(path, "integrity_check failed")
        rescued = rescue(path, 0)
        done = [] if rescued is None else [f"set aside as {rescued.kept}: {rescued.why}"]
        with plain_errors(path), closing(connect(path)) as connection:
            done += _mend(connection)
    finally:
        os.close(descriptor)
    return done


def _is_sound(path: Path) -> bool:
    """Whether SQLite finds no fault in the whole file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        try:
            return bool(connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            return False


def _mend(connection: sqlite3.Connection) -> list[str]:
    connection.execute("BEGIN IMMEDIATE")
    counts = {
        "parcels of unknown state made ready": connection.execute(
            f"UPDATE parcels SET state = 'ready' WHERE state NOT IN {listed(STORED)}"
        ).rowcount,
        "parcels miscounted": _recount(connection),
        "parcels with damaged content made dead letters": _bury(connection),
        "held parcels that are no pictures made ready": connection.execute(
            f"UPDATE parcels SET state = 'ready' WHERE {HELD_BY_MISTAKE}"
        ).rowcount,
        "parcels without their picture made dead letters": connection.execute(
            f"UPDATE parcels SET state = 'dead', why = ? WHERE {NO_PICTURE}", (NOT_TO_BE_FETCHED,)
        ).rowcount,
        "bodies without a parcel judged": _orphans(connection),
        "parcels without a body given up": judge_parcels(connection, only_bodiless=True),
        "dead letters without a reason": connection.execute(
            "UPDATE parcels SET why = ? WHERE state = 'dead' AND why = ''", (UNKNOWN,)
        ).rowcount,
        "losses that cannot be told deleted": _untellable(connection),
    }
    connection.execute("COMMIT")
    return [f"{count} {what}" for what, count in counts.items() if count]


def _recount(connection: sqlite3.Connection) -> int:
    found = [
        (footprint_bytes(Parcel(*fields)), fields[0])
        for *fields, _, size, _ in connection.execute(WHOLE)
        if not misshapen(fields) and size != footprint_bytes(Parcel(*fields))
    ]
    connection.executemany("UPDATE parcels SET bytes = ? WHERE parcel_id = ?", found)
    return len(found)


def _bury(connection: sqlite3.Connection) -> int:
    statement = move(Action.BURY, "why = ?")
    bad = [
        (f"damaged on the device's disk: {why}", fields[0])
        for *fields, digest, _, _ in connection.execute(WHOLE)
        if (why := _fault(fields, digest))
    ]
    return sum(connection.execute(statement, row).rowcount for row in bad)


def _fault(fields: list[object], digest: bytes | None) -> str:
    if misshapen(fields):
        return "columns of wrong types"
    parcel = Parcel(*fields)  # type: ignore[arg-type] # just checked
    return unsound(parcel, digest) or unlike_manifest(parcel)


def _orphans(connection: sqlite3.Connection) -> int:
    lone = "SELECT count(*) FROM bodies WHERE seq NOT IN (SELECT seq FROM parcels)"
    count = int(connection.execute(lone).fetchone()[0])
    revive_orphans(connection)
    return count


def _untellable(connection: sqlite3.Connection) -> int:
    rows = connection.execute(f"SELECT {losses.COLUMNS} FROM losses").fetchall()
    bad = [row[:2] for row in rows if losses.fault(row)]
    connection.executemany("DELETE FROM losses WHERE camera_id = ? AND reason = ?", bad)
    return len(bad)
