"""How the bodies of delivered parcels leave the file: fast, and so that none comes back.

With `secure_delete` every page of a picture would be written full of zeros, and written back to the
database later: most of what delivery costs. Only the first page of a body says what it is; without
it the others are nothing to `carve.py`. So the row is emptied first, which overwrites what its
leaf had of it and only lists its other pages as free, and the empty row is then deleted securely.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from gleancam.spool.sql import array

_NUMBERED = "seq IN (SELECT value FROM json_each(?))"
# ruff: noqa: S608 - the parts of every statement are constants
_EMPTY = f"UPDATE bodies SET data = x'', image = NULL, digest = NULL WHERE {_NUMBERED}"
_DELETE = f"DELETE FROM bodies WHERE {_NUMBERED}"


def discard(connection: sqlite3.Connection, seqs: Iterable[int]) -> None:
    """Delete the bodies of these rows, inside a transaction."""
    numbers = (array(seqs),)
    # FAST still overwrites what lies in pages that are written anyway.
    connection.execute("PRAGMA secure_delete = FAST").fetchone()
    try:
        connection.execute(_EMPTY, numbers)
    finally:
        connection.execute("PRAGMA secure_delete = ON").fetchone()
    connection.execute(_DELETE, numbers)
