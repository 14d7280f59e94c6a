"""A link whose spending survives the process, and is never remembered as less than it was.

What is stored is ahead of what was spent, by a part in 256 of the day. So it is written before
anything goes, and seldom; a crash, or a power cut, costs at most that part, and never gives any.
"""

from __future__ import annotations

import logging

from gleancam.delivery.day_ledger import SLOT_NS, DayLedger
from gleancam.delivery.link import Limits, Link
from gleancam.spool.queue import Spool

AHEAD = 256

log = logging.getLogger(__name__)


class StoredLink:
    """One link and its row among the spool's notes; without a day's limit it stores nothing."""

    def __init__(self, name: str, limits: Limits, spool: Spool, content: bytes | None) -> None:
        self._name = name
        self._spool = spool
        self._ahead = 0
        self._slot = -1
        self.link = Link(limits, self._restored(content))

    @property
    def limited(self) -> bool:
        """Whether there is a day's limit, so that anything is stored."""
        return self.link.limits.day is not None

    def secure(self, size: int) -> None:
        """Store enough for so many bytes more; before they go.

        Raises:
            SpoolFullError: the disk is full, even without ballast.
        """
        day = self.link.limits.day
        now_ns = self._spool.lived_ns()
        if day is None or (size <= self._ahead and now_ns // SLOT_NS == self._slot):
            return
        self._write(max(size, day // AHEAD), now_ns)

    def spend(self, size: int, mono_ns: int, *, bulk: bool) -> None:
        """Note that so many bytes went."""
        self._ahead -= size
        self.link.spend(size, mono_ns, self._spool.lived_ns(), bulk=bulk)

    def settle(self) -> None:
        """Store what was really spent, in the end; raises as `secure`."""
        if self.limited and self._slot >= 0:
            self._write(0, self._spool.lived_ns())

    def _write(self, ahead: int, now_ns: int) -> None:
        content = self.link.ledger.stored(now_ns, ahead)
        self._spool.write_down([(self._name, 0, content)])
        self._ahead, self._slot = ahead, now_ns // SLOT_NS

    def _restored(self, content: bytes | None) -> DayLedger:
        if content is None:
            return DayLedger()
        try:
            return DayLedger.restored(content, self._spool.lived_ns())
        except ValueError as error:
            log.warning("what was sent today is not known, and counts anew: %s", error)
            return DayLedger()
