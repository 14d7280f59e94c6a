"""How much the spool may take: its own limit, the reserve of the disk, pages given back."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from gleancam.errors import SpoolFullError
from gleancam.spool.disk import free_bytes
from gleancam.spool.schema import pragma
from gleancam.spool.store import Store
from gleancam.spool.view import live_bytes, wal_bytes

VACUUM_ABOVE_BYTES = 64 * 1024 * 1024
"""More free pages than this are given back to the file system, a few at a time."""
VACUUM_PAGES = 1024


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """How much the spool may take.

    Attributes:
        max_bytes: of live pages and log; see invariant 4 in `queue.py`.
        reserve_bytes: left free on the disk for the rest of the system.
    """

    max_bytes: int
    reserve_bytes: int


class Space:
    """Its methods want the store's lock, but no transaction."""

    def __init__(self, store: Store, limits: SpoolLimits) -> None:
        self._store = store
        self._limits = limits

    def restore_ballast(self) -> None:
        """Make the ballast if there is room for it."""
        self._store.ballast.restore(self._spare_bytes())

    def keep_reserve(self, footprint: int) -> None:
        """Refuse what would eat into the reserve.

        Raises:
            SpoolFullError: the disk has no more than the reserve left.
        """
        spare = self._spare_bytes()
        self._store.ballast.restore(spare)
        if spare + _free_page_bytes(self._store.connection) < footprint:
            raise SpoolFullError(
                f"the disk of spool {self._store.path} has no more than the reserve left",
                cure=f"free space, or lower spool.reserve_bytes ({self._limits.reserve_bytes})",
            )

    def trimmed_log(self, footprint: int) -> int:
        """Empty the log if pages and log are over the limit; return what is left of it."""
        log = wal_bytes(self._store.path)
        with self._store.reading() as connection:
            if log and live_bytes(connection) + log + footprint > self._limits.max_bytes:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                log = wal_bytes(self._store.path)
        return log

    def give_back_pages(self) -> None:
        """Return a few free pages to the file system if there are many."""
        with self._store.reading() as connection:
            if _free_page_bytes(connection) > VACUUM_ABOVE_BYTES:
                # `execute` would stop after one page: the pragma steps, but gives no rows.
                connection.executescript(f"PRAGMA incremental_vacuum({VACUUM_PAGES})")

    def _spare_bytes(self) -> int:
        return free_bytes(self._store.path.parent) - self._limits.reserve_bytes


def _free_page_bytes(connection: sqlite3.Connection) -> int:
    return pragma(connection, "freelist_count") * pragma(connection, "page_size")
