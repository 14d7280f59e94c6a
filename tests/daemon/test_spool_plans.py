"""What is asked of the spool all the time costs the same, however much waits in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gleancam.spool import claims, rows, terms
from gleancam.spool.queue import Spool
from gleancam.spool.sql import array

LATEST = 2**62
IDS = array(f"p{number}" for number in range(100, 120))
ASKED = {
    "a lane that is full": (terms.OF_LANE, ("live", LATEST, 20)),
    "a lane that is empty": (terms.OF_LANE, ("tombstone", LATEST, 20)),
    "fresh ones": (terms._NEVER_SET_BACK, (100, LATEST, 20)),
    "late ones": (terms._NEVER_SET_BACK, (0, 100, 20)),
    "what was set back": (terms._SET_BACK, (LATEST, 0, LATEST, 20)),
    "the first fresh one": (terms._FIRST_FRESH, (100,)),
    "loading": (claims._LOAD, (array(range(100, 120)),)),
    "claiming": (rows._CLAIM, (IDS,)),
    "accepting": (rows._ACCEPT, (0, 1, IDS)),
    "giving back": (rows._RELEASE, (IDS,)),
    "postponing": (rows._POSTPONE, (0, 1, IDS)),
    "freeing": (rows._FREE, (IDS,)),
    "holding": (rows._HOLD, (IDS,)),
    "trying again": (rows._RETRY, (IDS,)),
}


@pytest.mark.parametrize("asked", ASKED)
def test_nothing_reads_the_whole_backlog(asked: str, tmp_path: Path) -> None:
    few, many = (steps(tmp_path / f"{count}.db", count, *ASKED[asked]) for count in (200, 20_000))
    assert many <= 2 * few


def steps(path: Path, count: int, statement: str, values: tuple[object, ...]) -> int:
    """Count the instructions of SQLite's machine that a statement takes."""
    Spool.open(path, 10**9, 1).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(
            "INSERT INTO parcels (parcel_id, kind, camera_id, captured_ns, spooled_ns, value,"
            " bytes, lived_ns) VALUES ('p' || ?1, 'sample', 'a', ?1, ?1, 0.5, 4000, ?1)",
            [(number,) for number in range(count)],
        )
        done: list[None] = []
        connection.set_progress_handler(lambda: done.append(None), 1)
        connection.execute(statement, values).fetchall()
        return len(done)
