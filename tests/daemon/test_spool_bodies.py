"""What was delivered does not come back when the pages are read without SQLite."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gleancam.spool.carve import Row, carve
from gleancam.spool.pages import Pages
from gleancam.spool.queue import Spool
from parcels import made_parcel

TABLES = ("parcels", "bodies")
SIZES = st.sampled_from([0, 100, 1500, 3900, 4100, 9000, 100_000])


def carved(path: Path) -> set[tuple[str, int]]:
    """Table and number of every row of parcels that can be read, checking that every row can."""
    with closing(Pages(path, path.with_name(f"{path.name}-wal"))) as pages:
        found = list(carve(pages))
    rows = [row for row in found if isinstance(row, Row)]
    assert len(rows) == len(found)
    return {(row.table, row.rowid) for row in rows if row.table in {"parcels", "bodies"}}


@settings(max_examples=40, deadline=None)
@given(sizes=st.lists(SIZES, min_size=1, max_size=14), data=st.data())
def test_no_delivered_row_can_be_read_from_the_pages(
    sizes: list[int], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("spool") / "spool.db"
    numbers = list(range(len(sizes)))
    gone = data.draw(st.lists(st.sampled_from(numbers), unique=True))
    batch = data.draw(st.integers(1, 5))
    left = {(table, number + 1) for number in numbers if number not in gone for table in TABLES}
    with closing(Spool.open(path, 10**9, 0)) as spool:
        for number, size in enumerate(sizes):
            spool.add(made_parcel(number, image_bytes=size))
        for at in range(0, len(gone), batch):
            spool.gone([f"parcel-{number}" for number in gone[at : at + batch]])
        assert carved(path) == left
    assert carved(path) == left
