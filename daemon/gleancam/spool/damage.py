"""Whether a spool is damaged: what can be told quickly at every start, without reading pictures.

A few milliseconds for header, log and schema; the rows without their bodies are checked whole. A
damaged body is met when it is claimed, by its digest or by SQLite; what SQLite meets is noted in a
file beside the spool, and the next start deals with it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gleancam.spool.disk import is_damage, plain_errors
from gleancam.spool.freelist import freelist_fault
from gleancam.spool.pages import PAGE_BYTES, Pages
from gleancam.spool.schema import APPLICATION_ID, expected_objects, objects, pragma
from gleancam.spool.sql import listed
from gleancam.spool.states import STORED

LANES = "('live', 'historical', 'tombstone')"
MAGIC = b"SQLite format 3\0"
THOROUGH_ROWS = 20_000
"""More than the default limit holds of pictures; checked within a tenth of a second or two."""
CHECKED = ("parcels", "meta", "notes", "losses")
"""All tables but that of the bodies, which may hold gigabytes."""

_FIXED = (
    (16, PAGE_BYTES.to_bytes(2, "big"), "page size"),
    (18, b"\2\2", "journal mode"),
    (20, b"\0\x40\x20\x20", "layout"),
    (44, b"\0\0\0\4", "schema format"),
    (56, b"\0\0\0\1", "text encoding"),
    (64, b"\0\0\0\1", "vacuum mode"),
    (72, bytes(20), "reserved bytes"),
)
"""Offset, content and name of the header's fields that are the same in every spool."""


def marker(path: Path) -> Path:
    """Return the file that says that damage was met."""
    return path.with_name(f"{path.name}.suspect")


def suspect(path: Path, why: str) -> None:
    """Leave word for the next start. A disk that takes no writes cannot be mended either."""
    try:
        marker(path).write_text(why, encoding="utf-8")
    except OSError:
        return


def damage(path: Path) -> str:
    """Return what is wrong with the spool at `path`; empty when nothing is, or it does not exist.

    The caller holds its lock. A file of another program is not damaged: opening it says what it is.

    Raises:
        SpoolError: it cannot be read.
        OSError: likewise.
    """
    log = path.with_name(f"{path.name}-wal")
    if not path.exists():
        return ""
    if path.stat().st_size == 0:
        return "it is empty, but its log is not" if log.exists() and log.stat().st_size else ""
    if marker(path).exists():
        return marker(path).read_text(encoding="utf-8", errors="replace") or "met while running"
    with closing(Pages(path, log)) as pages:
        found = _header(pages.page(1)[:100], path) or _freed(pages)
    return found or _content(path)


def _freed(pages: Pages) -> str:
    if pages.log_damaged:
        return "its log has damaged frames"
    ours = int.from_bytes(pages.page(1)[68:72], "big") == APPLICATION_ID
    return freelist_fault(pages) if ours else ""


def _header(header: bytes, path: Path) -> str:
    if header[:16] != MAGIC:
        return "its first bytes are not a database's"
    ours = int.from_bytes(header[68:72], "big") == APPLICATION_ID
    if not ours and not _looks_like_ours(path):
        return ""
    for offset, content, name in _FIXED:
        if header[offset : offset + len(content)] != content:
            return f"its header is damaged: {name}"
    return "" if ours else "its header is damaged: application id"


def _looks_like_ours(path: Path) -> bool:
    """Whether a file with another application id has a spool's tables."""
    try:
        with closing(_reader(path)) as connection:
            found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            return {"parcels", "bodies", "meta"} <= {row[0] for row in found}
    except (sqlite3.Error, UnicodeDecodeError):
        return False


def _content(path: Path) -> str:
    with plain_errors(path), closing(_reader(path)) as connection:
        try:
            return _schema(connection) or _tables(connection) or _words(connection)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if is_damage(error):
                return str(error)
            raise


def _schema(connection: sqlite3.Connection) -> str:
    """Compare the tables with those that the file's version has."""
    version = pragma(connection, "user_version")
    if (noted := _noted_version(connection)) and noted != version:
        return f"its header says format {version}, its tables say {noted}"
    expected = expected_objects(version)
    # A version that is not known is refused by whoever opens it.
    if expected is None or objects(connection) == expected:
        return ""
    return f"its tables are not those of format {version}"


def _noted_version(connection: sqlite3.Connection) -> int:
    """Return the version that the tables state; 0 before version 3, which did not."""
    if ("table", "meta") not in {(kind, name) for kind, name, _ in objects(connection)}:
        return 0
    row = connection.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    return 0 if row is None else int(row[0])


def _tables(connection: sqlite3.Connection) -> str:
    for table in CHECKED:
        known = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,))
        if known.fetchone() is None:
            continue
        found = connection.execute(f"PRAGMA {_check(connection)}({table})").fetchone()[0]
        if found != "ok":
            return f"table {table}: {found}"
    return ""


def _check(connection: sqlite3.Connection) -> str:
    """Choose the check: of a very long backlog, indices are not held against their rows."""
    count = connection.execute("SELECT count(*) FROM parcels").fetchone()[0]
    return "integrity_check" if count <= THOROUGH_ROWS else "quick_check"


def _words(connection: sqlite3.Connection) -> str:
    """Look for states and lanes that are none: SQLite's own check passes over some of them."""
    known = {"state": listed(STORED), "lane": LANES}
    columns = {row[1] for row in connection.execute("PRAGMA table_info(parcels)")}
    for column in columns & known.keys():
        odd = f"SELECT {column} FROM parcels NOT INDEXED WHERE {column} NOT IN {known[column]}"  # noqa: S608
        if row := connection.execute(f"{odd} LIMIT 1").fetchone():
            return f"a parcel's {column} is {row[0]!r}"
    return ""


def _reader(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, timeout=5.0, isolation_level=None)
