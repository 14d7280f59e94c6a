"""Every row that can still be read of a damaged spool, page by page, whatever became of its trees.

Indices, interior pages and the schema are not needed: a leaf says what it holds. Deleted rows do
not come back: the spool deletes rows with `secure_delete`, bodies as `spool.bodies` says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from gleancam.spool.records import DamagedRowError, Value, cell_offsets, read_row

Table: TypeAlias = Literal["parcels", "bodies", "notes", "losses", "meta"]
OLDEST_PARCEL_COLUMNS = 13
MOST_ROW_BYTES = 64 * 1024 * 1024
"""A row that claims to be larger is taken for damaged: no picture is."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `values[0]` of parcels and bodies is None, and `rowid` stands for it."""

    table: Table
    rowid: int
    values: list[Value]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that was a row."""

    page_number: int


class Leaves(Protocol):
    """What `carve` needs of `pages.Pages`."""

    def page(self, number: int) -> bytes:
        """Return one page."""

    def leaves(self) -> Iterator[tuple[int, bytes]]:
        """Return number and content of every page of rows."""


def carve(pages: Leaves) -> Iterator[Row | Unreadable]:
    """Return all rows, and for each that cannot be read, where it was."""
    for number, leaf in pages.leaves():
        for offset in cell_offsets(leaf):
            try:
                rowid, values = read_row(leaf, offset, pages.page, MOST_ROW_BYTES)
            except DamagedRowError:
                yield Unreadable(number)
                continue
            table = _table(values)
            yield Unreadable(number) if table is None else Row(table, rowid, values)


def _table(values: list[Value]) -> Table | None:
    """Tell whose row it is by its columns."""
    match values:
        case [None, str(), str(), str(), *rest] if len(rest) >= OLDEST_PARCEL_COLUMNS - 4:
            return "parcels"
        case [None, bytes(), bytes() | None] | [None, bytes(), bytes() | None, bytes() | None]:
            return "bodies"
        case [str(), int(), bytes()]:
            return "notes"
        case [str(), int()]:
            return "meta"
        case [str(), str(), int(), int(), int(), int(), int(), str()]:
            return "losses"
    return None
