"""How the bodies of delivered parcels leave the file: fast, and so that none comes back.

With `secure_delete` every page of a picture would be written full of zeros, and written back to the
database later: most of what delivery costs. Only the first page of a body says what it is; without
it the others are nothing to `carve.py`. So the row is emptied first, which overwrites what its
leaf had of it and only lists its other pages as free, and the empty row is then deleted securely.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

_EMPTY = "UPDATE bodies SET data = x'', image = NULL, digest = NULL WHERE seq = ?"
_DELETE = "DELETE FROM bodies WHERE seq = ?"


def discard(connection: sqlite3.Connection, seqs: Iterable[int]) -> None:
    """Delete the bodies of these rows, inside a transaction."""
    rows = [(seq,) for seq in seqs]
    # FAST still overwrites what lies in pages that are written anyway.
    connection.execute("PRAGMA secure_delete = FAST").fetchone()
    try:
        connection.executemany(_EMPTY, rows)
    finally:
        connection.execute("PRAGMA secure_delete = ON").fetchone()
    connection.executemany(_DELETE, rows)
