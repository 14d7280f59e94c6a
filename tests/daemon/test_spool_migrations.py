"""Spools of every older format, as its own scripts made them, become today's with nothing lost.

`spools/v<n>.sql` are dumps of files that the gleancam of that format wrote: three samples of which
one is in flight, one sent and one dead, then another sample and an event.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gleancam.spool.queue import Spool
from gleancam.spool.schema import VERSION, expected_objects, objects, pragma
from gleancam.spool.states import State

RECORDED = Path(__file__).parent / "spools"


def recorded(version: int, folder: Path) -> Path:
    path = folder / "spool.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript((RECORDED / f"v{version}.sql").read_text())
        connection.execute("PRAGMA journal_mode = WAL")
    return path


def test_every_older_format_is_recorded() -> None:
    names = {path.stem for path in RECORDED.iterdir()}
    assert names == {f"v{version}" for version in range(1, VERSION)}


@pytest.mark.parametrize("version", range(1, VERSION))
def test_nothing_is_lost(version: int, tmp_path: Path) -> None:
    path = recorded(version, tmp_path)
    with closing(Spool.open(path, 10**9, 0)) as spool:
        assert spool.rescued is None
        assert spool.stat().parcels[State.READY] == 4
        assert spool.stat().parcels[State.DEAD] == 1
        assert spool.next_session() == 2
        assert spool.noted() == ([("memory", 7, b"centre")] if version > 1 else [])
        claimed = spool.claim(9, 0)
    assert [one.parcel.kind for one in claimed] == ["sample", "sample", "sample", "event"]
    assert {one.parcel.lane for one in claimed} == {"live"}
    assert [one.attempt for one in claimed] == [2, 2, 1, 1]
    assert not any(one.damage for one in claimed), "without a digest the picture is checked"


@pytest.mark.parametrize("version", range(1, VERSION))
def test_the_tables_are_those_of_a_new_file(version: int, tmp_path: Path) -> None:
    path = recorded(version, tmp_path)
    Spool.open(path, 10**9, 0).close()
    with closing(sqlite3.connect(path)) as connection:
        assert pragma(connection, "user_version") == VERSION
        assert objects(connection) == expected_objects(VERSION)
    with closing(Spool.open(path, 10**9, 0)) as spool:
        assert spool.rescued is None


@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_flipped_bit_in_an_old_picture_is_found(version: int, tmp_path: Path) -> None:
    path = recorded(version, tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        name, image = connection.execute(
            "SELECT parcel_id, image FROM parcels JOIN bodies USING (seq) WHERE state = 'ready'"
        ).fetchone()
        flipped = image[:500] + bytes([image[500] ^ 1]) + image[501:]
        connection.execute("UPDATE bodies SET image = ? WHERE image = ?", (flipped, image))
        connection.commit()
    with closing(Spool.open(path, 10**9, 0)) as spool:
        damaged = [one for one in spool.claim(9, 0) if one.damage]
        assert [one.parcel.parcel_id for one in damaged] == [name]
        assert spool.get(name) is None
