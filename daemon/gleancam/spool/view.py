"""What is in the spool, for a person or a metric: counts, rows, and pictures; changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gleancam.errors import SpoolError
from gleancam.spool.disk import plain_errors
from gleancam.spool.schema import check_version, pragma
from gleancam.spool.sql import listed
from gleancam.spool.states import KEPT, UNDELIVERED, State


@dataclass(frozen=True, slots=True)
class SpoolStat:
    """The spool in numbers.

    Attributes:
        parcels: how many are in each stored state.
        bytes: live pages and the write-ahead log; what `max_bytes` is held against.
        oldest_ns: UTC nanoseconds at which the oldest undelivered parcel was spooled; None if none.
    """

    parcels: Mapping[State, int]
    bytes: int
    oldest_ns: int | None

    @property
    def undelivered(self) -> int:
        """How many are still to be delivered."""
        return sum(self.parcels[state] for state in UNDELIVERED)

    @property
    def kept(self) -> int:
        """How many have not ended: what is undelivered, and pictures nobody asked for yet."""
        return sum(self.parcels[state] for state in KEPT)


@dataclass(frozen=True, slots=True)
class SpoolRow:
    """One parcel without its body.

    Attributes:
        bytes: of data and image.
        attempts: how often it was handed to the sink.
        why: what is wrong with it; empty unless dead or refused.
    """

    parcel_id: str
    kind: str
    camera_id: str
    state: State
    captured_ns: int
    spooled_ns: int
    bytes: int
    attempts: int
    value: float
    why: str


def live_bytes(connection: sqlite3.Connection) -> int:
    """Return the bytes of the database's pages that hold something."""
    pages = pragma(connection, "page_count") - pragma(connection, "freelist_count")
    return pages * pragma(connection, "page_size")


def wal_bytes(path: Path) -> int:
    """Return the size of the write-ahead log."""
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def read_stat(connection: sqlite3.Connection, path: Path) -> SpoolStat:
    """Count what the spool holds."""
    counts = dict(connection.execute("SELECT state, count(*) FROM parcels GROUP BY state"))
    oldest = connection.execute(
        f"SELECT spooled_ns FROM parcels WHERE state IN {listed(UNDELIVERED)}"  # noqa: S608
        " ORDER BY seq LIMIT 1"
    ).fetchone()
    stored = (state for state in State if state is not State.GONE)
    return SpoolStat(
        {state: counts.get(state.value, 0) for state in stored},
        live_bytes(connection) + wal_bytes(path),
        oldest[0] if oldest else None,
    )


def read_rows(connection: sqlite3.Connection, limit: int) -> list[SpoolRow]:
    """Return the oldest `limit` parcels."""
    found = connection.execute(
        "SELECT parcel_id, kind, camera_id, state, captured_ns, spooled_ns, bytes, attempts,"
        " value, why FROM parcels ORDER BY seq LIMIT ?",
        (limit,),
    )
    return [_row(row) for row in found]


def read_images(connection: sqlite3.Connection, limit: int) -> list[tuple[str, bytes]]:
    """Return (parcel id, JPEG) of at most `limit` samples, oldest first, evenly spread."""
    found = connection.execute(
        "SELECT seq, parcel_id FROM parcels WHERE kind != 'event' ORDER BY seq"
    ).fetchall()
    count = min(len(found), limit)
    chosen = [found[at * len(found) // count] for at in range(count)]
    images = ((name, _image(connection, seq)) for seq, name in chosen)
    return [(name, image) for name, image in images if image is not None]


def _image(connection: sqlite3.Connection, seq: int) -> bytes | None:
    """Return one picture; None when there is none, or it was delivered a moment ago."""
    row = connection.execute("SELECT image FROM bodies WHERE seq = ?", (seq,)).fetchone()
    return None if row is None else row[0]


def _row(row: tuple[Any, ...]) -> SpoolRow:
    parcel_id, kind, camera_id, state, *rest = row
    return SpoolRow(parcel_id, kind, camera_id, State(state), *rest)


class SpoolView:
    """A look at a spool from outside, also while the daemon runs.

    Attributes:
        connection: for reading only.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self._path = path

    @classmethod
    def open(cls, path: Path) -> SpoolView:
        """Open for reading only.

        Raises:
            SpoolError: there is no spool here, or it cannot be read.
        """
        if not path.exists():
            raise SpoolError(f"there is no spool at {path}", cure="check spool.path")
        with plain_errors(path):
            uri = f"{path.absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(uri, uri=True, timeout=5.0, isolation_level=None)
            try:
                check_version(connection, path)
            except BaseException:
                connection.close()
                raise
        return cls(connection, path)

    def stat(self) -> SpoolStat:
        """Count what the spool holds.

        Raises:
            SpoolError: it cannot be read.
        """
        with plain_errors(self._path):
            return read_stat(self.connection, self._path)

    def rows(self, limit: int) -> list[SpoolRow]:
        """Return the oldest `limit` parcels.

        Raises:
            SpoolError: it cannot be read.
        """
        with plain_errors(self._path):
            return read_rows(self.connection, limit)

    def images(self, limit: int) -> list[tuple[str, bytes]]:
        """Return (parcel id, JPEG) of at most `limit` samples, oldest first, evenly spread.

        Raises:
            SpoolError: it cannot be read.
        """
        with plain_errors(self._path):
            return read_images(self.connection, limit)

    def close(self) -> None:
        """Release the file."""
        self.connection.close()
