"""What the daemon remembers besides parcels: small rows by name and number.

They come and go in the transaction of the parcel that changed them, so that after a crash neither
knows more than the other. What they mean is their writers' business; each writer bounds its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import TypeAlias

Row: TypeAlias = "tuple[str, int, bytes | None]"
"""Name, number and content; None deletes."""


def write(connection: sqlite3.Connection, notes: Iterable[Row]) -> None:
    """Store or delete rows, in order, inside the caller's transaction."""
    for name, key, content in notes:
        if content is None:
            connection.execute("DELETE FROM notes WHERE name = ? AND key = ?", (name, key))
        else:
            connection.execute(
                "INSERT INTO notes VALUES (?, ?, ?)"
                " ON CONFLICT (name, key) DO UPDATE SET content = excluded.content",
                (name, key, content),
            )


def read(connection: sqlite3.Connection) -> list[tuple[str, int, bytes]]:
    """Return all rows."""
    return connection.execute("SELECT name, key, content FROM notes").fetchall()


def size_bytes(notes: Iterable[Row]) -> int:
    """Return about how many bytes of pages the contents take."""
    return sum(len(content) for _, _, content in notes if content is not None)
