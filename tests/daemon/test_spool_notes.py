"""What is noted with a parcel is there exactly when the parcel is."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from gleancam.errors import SpoolFullError
from gleancam.spool.queue import Spool
from parcels import made_parcel

PLENTY = 10**9


def opened(folder: Path, max_bytes: int = PLENTY) -> Spool:
    return Spool.open(folder / "spool.db", max_bytes, 0)


def test_notes_are_written_replaced_and_deleted_by_name_and_number(tmp_path: Path) -> None:
    with closing(opened(tmp_path)) as spool:
        spool.add(made_parcel(1), [("a", 1, b"one"), ("a", 2, b"two"), ("b", 1, b"three")])
        spool.note([("a", 1, b"uno"), ("a", 2, None), ("a", 9, None)])
    with closing(opened(tmp_path)) as spool:
        assert sorted(spool.noted()) == [("a", 1, b"uno"), ("b", 1, b"three")]


def test_a_parcel_that_finds_no_room_leaves_no_notes(tmp_path: Path) -> None:
    with closing(opened(tmp_path, 100_000)) as spool:
        with pytest.raises(SpoolFullError):
            spool.add(made_parcel(1, image_bytes=90_000), [("a", 1, b"one")])
        assert spool.noted() == []
        last = fill(spool)
        assert last not in {key for _, key, _ in spool.noted()}


def fill(spool: Spool) -> int:
    """Add parcels that cannot be evicted until one finds no room; its number."""
    number = 1
    try:
        while True:
            number += 1
            spool.add(made_parcel(number, image_bytes=500), [("a", number, b"x")])
            spool.claim(1, 0)
    except SpoolFullError:
        return number
