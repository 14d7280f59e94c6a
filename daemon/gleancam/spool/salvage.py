"""From a damaged spool into a new one: what can be read, and nothing that was not written.

Rows come in whatever order the pages are, so they are stored as they are found and judged in the
new database: memory does not grow with the spool. A parcel stays if its body bears the digest it
was stored with (of older formats: if picture and manifest agree). A body whose row is lost is a
parcel again if its manifest, with the digest, says which.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from gleancam.spool.carve import Row, Unreadable, carve
from gleancam.spool.pages import Pages
from gleancam.spool.salvaged_rows import store_row
from gleancam.spool.schema import connect
from gleancam.spool.verdicts import judge_parcels, revive_orphans

T = TypeVar("T")

BATCH = 64
"""Rows in one transaction."""


@dataclass(slots=True)
class Salvage:
    """What became of a damaged spool's rows.

    Attributes:
        parcels: saved, dead letters included.
        lost: parcels whose row was found, but not what was written; upstream is told.
        unreadable: rows of which nothing is known, not even whether they were parcels.
        complete: False when the disk was too full to copy everything.
    """

    parcels: int = 0
    lost: int = 0
    unreadable: int = 0
    complete: bool = True


def salvage(damaged: Path, log: Path, new: Path, has_room: Callable[[], bool]) -> Salvage:
    """Make the database `new` of what can be read of the pages of `damaged` and its log.

    `has_room` is asked before every batch; when it says no, the rest stays where it is.

    Raises:
        OSError: the files cannot be read.
        sqlite3.Error: `new` cannot be written.
    """
    result = Salvage()
    connection = connect(new)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        with closing(Pages(damaged, log)) as pages:
            for batch in _batches(carve(pages), BATCH):
                if not has_room():
                    result.complete = False
                    break
                _store(connection, batch, result)
        revive_orphans(connection)
        result.lost += judge_parcels(connection)
        _settle_counters(connection)
        result.parcels = connection.execute("SELECT count(*) FROM parcels").fetchone()[0]
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    return result


def _store(connection: sqlite3.Connection, batch: list[Row | Unreadable], result: Salvage) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for row in batch:
        if isinstance(row, Unreadable) or not store_row(connection, row):
            result.unreadable += 1
    connection.execute("COMMIT")


def _settle_counters(connection: sqlite3.Connection) -> None:
    """A session number must never come back: without the last one, jump ahead of any count."""
    if connection.execute("SELECT value FROM meta WHERE key = 'session'").fetchone()[0] == 0:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'session'", (int(time.time()),))


def _batches(rows: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(rows, size)):
        yield batch
