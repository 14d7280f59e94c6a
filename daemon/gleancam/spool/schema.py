"""The spool's tables, and how an older file becomes a newer one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gleancam.durable import sync_directory
from gleancam.errors import SpoolError

APPLICATION_ID = 0x676C6E63
"""`glnc`: tells a spool from another program's database."""

MIGRATIONS = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
    INSERT INTO meta VALUES ('session', 0);
    CREATE TABLE parcels (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        parcel_id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        camera_id TEXT NOT NULL,
        captured_ns INTEGER NOT NULL,
        spooled_ns INTEGER NOT NULL,
        value REAL NOT NULL,
        bytes INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'ready'
            CHECK (state IN ('ready', 'inflight', 'sent', 'dead')),
        due_ns INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        setbacks INTEGER NOT NULL DEFAULT 0,
        why TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE TABLE bodies (seq INTEGER PRIMARY KEY, data BLOB NOT NULL, image BLOB) STRICT;
    CREATE INDEX by_state ON parcels (state, due_ns, seq);
    CREATE INDEX by_value ON parcels (value, seq) WHERE state = 'ready';
    """,
    """
    CREATE TABLE notes (
        name TEXT NOT NULL, key INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (name, key)
    ) STRICT;
    """,
    """
    ALTER TABLE parcels ADD COLUMN lane TEXT NOT NULL DEFAULT 'live'
        CHECK (lane IN ('live', 'historical', 'tombstone'));
    ALTER TABLE bodies ADD COLUMN digest BLOB;
    ALTER TABLE parcels ADD COLUMN lived_ns INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX by_lane ON parcels (lane, due_ns, seq) WHERE state = 'ready';
    CREATE INDEX by_age ON parcels (lived_ns, seq);
    CREATE INDEX tombstones ON parcels (camera_id) WHERE lane = 'tombstone';
    CREATE TABLE losses (
        camera_id TEXT NOT NULL,
        reason TEXT NOT NULL,
        samples INTEGER NOT NULL,
        events INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        first_ns INTEGER NOT NULL,
        last_ns INTEGER NOT NULL,
        ids TEXT NOT NULL,
        PRIMARY KEY (camera_id, reason)
    ) STRICT;
    INSERT INTO meta VALUES ('lived_ns', 0), ('format', 3);
    """,
    # A CHECK can only be changed by another table. Columns stay in the order of older formats.
    """
    CREATE TABLE moved (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        parcel_id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL CHECK (kind IN ('sample', 'event', 'manifest', 'picture')),
        camera_id TEXT NOT NULL,
        captured_ns INTEGER NOT NULL,
        spooled_ns INTEGER NOT NULL,
        value REAL NOT NULL,
        bytes INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'ready'
            CHECK (state IN ('ready', 'inflight', 'sent', 'held', 'dead')),
        due_ns INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        setbacks INTEGER NOT NULL DEFAULT 0,
        why TEXT NOT NULL DEFAULT '',
        lane TEXT NOT NULL DEFAULT 'live' CHECK (lane IN ('live', 'historical', 'tombstone')),
        lived_ns INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    INSERT INTO moved SELECT seq, parcel_id, kind, camera_id, captured_ns, spooled_ns, value, bytes,
        state, due_ns, attempts, setbacks, why, lane, lived_ns FROM parcels;
    DELETE FROM sqlite_sequence WHERE name = 'moved';
    INSERT INTO sqlite_sequence SELECT 'moved', seq FROM sqlite_sequence WHERE name = 'parcels';
    DROP TABLE parcels;
    ALTER TABLE moved RENAME TO parcels;
    CREATE INDEX by_state ON parcels (state, due_ns, seq);
    CREATE INDEX by_value ON parcels (value, seq) WHERE state = 'ready';
    CREATE INDEX by_lane ON parcels (lane, due_ns, seq) WHERE state = 'ready';
    CREATE INDEX by_age ON parcels (lived_ns, seq);
    CREATE INDEX tombstones ON parcels (camera_id) WHERE lane = 'tombstone';
    CREATE INDEX held_by_value ON parcels (value, seq) WHERE state = 'held';
    UPDATE meta SET value = 4 WHERE key = 'format';
    """,
    # Digests are other ones from here on (`digest.py`); those of older formats stay as they are.
    """
    UPDATE meta SET value = 5 WHERE key = 'format';
    """,
)
"""Script n takes a file from `user_version` n to n + 1. Written ones never change.

From version 3 on, each also sets `format` in `meta` to its version: so a damaged header is told
from a newer one.
"""

VERSION = len(MIGRATIONS)


def connect(path: Path) -> sqlite3.Connection:
    """Open the database for writing, make or migrate its tables.

    Raises:
        SpoolError: the file is another program's, or of a newer version.
        sqlite3.Error: it cannot be read or written.
    """
    connection = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
    try:
        version = check_version(connection, path)
        _configure(connection)
        _migrate(connection, version)
    except BaseException:
        connection.close()
        raise
    if version == 0:
        sync_directory(path.parent)
    return connection


def check_version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the file's version.

    Raises:
        SpoolError: the file is another program's, or of a newer version.
    """
    version = pragma(connection, "user_version")
    empty = pragma(connection, "schema_version") == 0
    if not empty and pragma(connection, "application_id") != APPLICATION_ID:
        raise SpoolError(
            f"{path} is another program's database", cure="let spool.path name a file of its own"
        )
    if version > VERSION:
        raise SpoolError(
            f"spool {path} has format {version}, but this gleancam knows only up to {VERSION}",
            cure="install the gleancam that wrote it, or let spool.path name a new file",
        )
    return version


def objects(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """Return type, name and SQL of all tables and indices."""
    found = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema")
    return sorted(found.fetchall())


def expected_objects(version: int) -> list[tuple[str, str, str]] | None:
    """Return what `objects` gives for a file of this version; None when it is not known."""
    if not 0 < version <= VERSION:
        return None
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for script in MIGRATIONS[:version]:
            connection.executescript(script)
        return objects(connection)


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """Return a pragma that is a number."""
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _configure(connection: sqlite3.Connection) -> None:
    # auto_vacuum can only be chosen before the first table, and before WAL writes the header.
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # What left must not come back when a damaged file is searched for what can be saved.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute(f"PRAGMA journal_size_limit = {16 * 1024 * 1024}")


def _migrate(connection: sqlite3.Connection, from_version: int) -> None:
    for version in range(from_version, VERSION):
        script = MIGRATIONS[version]
        connection.executescript(
            f"BEGIN IMMEDIATE; {script} PRAGMA application_id = {APPLICATION_ID};"
            f"PRAGMA user_version = {version + 1}; COMMIT;"
        )
