"""What the daemon committed, seen from outside by another SQLite connection.

`parcels` counts its rows by AUTOINCREMENT, so `sqlite_sequence` says how many were ever committed,
those included that came and went between two looks: the number is part of their transactions.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any


class Witness:
    """Remembers the id of every parcel it has seen on disk."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._last = 0
        self.seen: set[str] = set()

    def look(self) -> None:
        """Remember what is there now and was not before."""
        query = "SELECT seq, parcel_id FROM parcels WHERE seq > ?"
        for seq, parcel_id in read(self._spool, query, self._last):
            self._last = max(self._last, seq)
            self.seen.add(parcel_id)

    def committed(self) -> int:
        """How many parcels were ever committed."""
        found = read(self._spool, "SELECT seq FROM sqlite_sequence WHERE name = 'parcels'")
        return int(found[0][0]) if found else 0


def read(spool: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Ask the spool; empty while it is not there yet, or busy."""
    if not spool.exists():
        return []
    with closing(sqlite3.connect(f"{spool.as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
        try:
            return connection.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error) or "locked" in str(error):
                return []
            raise
