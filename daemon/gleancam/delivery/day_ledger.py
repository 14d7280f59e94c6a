"""What went in the last 24 hours, in quarters of an hour. No clock.

Whoever spends only while `spent` is below a limit never spends more than that in any 24 hours,
wherever they begin: there is no midnight at which a day could be spent twice.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

SLOT_NS = 15 * 60 * 10**9
SLOTS = 96
"""A day. One more is counted: the one in which the day began."""

_ROW = struct.Struct("<qqq")


@dataclass(frozen=True, slots=True)
class Spent:
    """Bytes of a day: all, and the backlog's part of them."""

    total: int = 0
    bulk: int = 0


class DayLedger:
    """At most 97 numbers. Times are of a clock that never goes back while this lives."""

    def __init__(self) -> None:
        self._slots: dict[int, Spent] = {}

    def spend(self, size: int, now_ns: int, *, bulk: bool = False) -> None:
        """Note that so many bytes went."""
        slot = self._slot(now_ns)
        before = self._slots.get(slot, Spent())
        self._slots[slot] = Spent(before.total + size, before.bulk + (size if bulk else 0))
        for old in [each for each in self._slots if each < slot - SLOTS]:
            del self._slots[old]

    def spent(self, now_ns: int) -> Spent:
        """Return what went in the 24 hours until now, or up to a quarter of an hour longer."""
        first = self._slot(now_ns) - SLOTS
        counted = [spent for slot, spent in self._slots.items() if slot >= first]
        return Spent(sum(each.total for each in counted), sum(each.bulk for each in counted))

    def stored(self, now_ns: int, ahead: int) -> bytes:
        """Return the ledger as it would be after `ahead` bytes more of everything."""
        slot = self._slot(now_ns)
        rows = {slot: Spent(), **self._slots}
        rows[slot] = Spent(rows[slot].total + ahead, rows[slot].bulk + ahead)
        return b"".join(_ROW.pack(each, one.total, one.bulk) for each, one in rows.items())

    @classmethod
    def restored(cls, content: bytes, now_ns: int) -> DayLedger:
        """Return a ledger that was stored.

        If the clock has lost time since, what went counts as having gone now, or later.

        Raises:
            ValueError: it is none.
        """
        rows = list(_rows(content))
        ahead = max([0, *(slot - now_ns // SLOT_NS for slot, _ in rows)])
        ledger = cls()
        ledger._slots = {slot - ahead: spent for slot, spent in rows}
        return ledger

    def _slot(self, now_ns: int) -> int:
        return max([now_ns // SLOT_NS, *self._slots])


def _rows(content: bytes) -> Iterator[tuple[int, Spent]]:
    if len(content) % _ROW.size or len(content) > _ROW.size * (SLOTS + 2):
        raise ValueError(f"{len(content)} bytes are no ledger of a day")
    for slot, total, bulk in _ROW.iter_unpack(content):
        if not 0 <= bulk <= total:
            raise ValueError(f"{bulk} bytes cannot be a part of {total}")
        yield slot, Spent(total, bulk)
