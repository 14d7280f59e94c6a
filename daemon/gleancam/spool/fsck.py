"""What is wrong with a spool: the whole file is read, pictures too; nothing is changed.

While the daemon runs, only what SQLite shows can be judged: header and log change under the reader.
"""

# ruff: noqa: S608 - the parts of every statement are constants

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gleancam.errors import SpoolDamagedError, SpoolError
from gleancam.spool import losses
from gleancam.spool.claims import PARCEL
from gleancam.spool.damage import damage
from gleancam.spool.digest import misshapen, unlike_manifest, unsound
from gleancam.spool.disk import in_use, plain_errors
from gleancam.spool.room import footprint_bytes
from gleancam.spool.schema import VERSION, pragma
from gleancam.spool.sql import listed
from gleancam.spool.states import STORED
from gleancam.spool.view import SpoolView
from gleancam.wire.parcel import Parcel
from gleancam.wire.picture import SUFFIX
from gleancam.wire.topics import is_id

MOST_FINDINGS = 100
"""Of one check; more are as bad as a hundred."""
REPAIR = "stop the daemon and run `gleancam spool fsck --repair`"
HELD_BY_MISTAKE = "(state = 'held' AND kind != 'picture')"
NO_PICTURE = (
    f"(state != 'dead' AND (kind = 'picture' AND parcel_id NOT LIKE '%_{SUFFIX}'"
    " OR kind IN ('manifest', 'picture')"
    " AND seq NOT IN (SELECT seq FROM bodies WHERE image IS NOT NULL)))"
)
"""Conditions that no row must meet."""
WHOLE = f"SELECT {PARCEL}, b.digest, p.bytes, p.state FROM parcels p JOIN bodies b USING (seq)"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        check: which check found it.
        what: what is wrong, and where.
        cure: what to do about it.
    """

    check: str
    what: str
    cure: str = REPAIR


def examine(path: Path) -> list[Finding]:
    """Return all that is wrong, at most `MOST_FINDINGS` of a kind.

    Raises:
        SpoolError: there is no spool, or it cannot be read.
    """
    if path.exists() and not in_use(path) and (why := damage(path)):
        return [Finding("file", f"{path} is damaged: {why}")]
    found: list[Finding] = []
    try:
        with closing(SpoolView.open(path)) as view, plain_errors(path):
            _refuse_older(view.connection, path)
            for check in CHECKS:
                found += _first(check(view.connection))
    except SpoolDamagedError as error:
        found.append(Finding("file", str(error)))
    return found


def _refuse_older(connection: sqlite3.Connection, path: Path) -> None:
    if (version := pragma(connection, "user_version")) < VERSION:
        raise SpoolError(
            f"spool {path} has the older format {version}",
            cure="start gleancam once: it migrates it",
        )


def _first(findings: Iterator[Finding]) -> list[Finding]:
    return [finding for finding, _ in zip(findings, range(MOST_FINDINGS), strict=False)]


def _integrity(connection: sqlite3.Connection) -> Iterator[Finding]:
    for (said,) in connection.execute(f"PRAGMA integrity_check({MOST_FINDINGS})"):
        if said != "ok":
            yield Finding("integrity", str(said))


def _rows_without_bodies(connection: sqlite3.Connection) -> Iterator[Finding]:
    lone = "SELECT parcel_id FROM parcels WHERE seq NOT IN (SELECT seq FROM bodies)"
    for (name,) in connection.execute(lone):
        yield Finding("pairs", f"parcel {name} has no body")


def _bodies_without_rows(connection: sqlite3.Connection) -> Iterator[Finding]:
    lone = "SELECT seq FROM bodies WHERE seq NOT IN (SELECT seq FROM parcels)"
    for (seq,) in connection.execute(lone):
        yield Finding("pairs", f"body {seq} belongs to no parcel")


def _states(connection: sqlite3.Connection) -> Iterator[Finding]:
    odd = f"SELECT parcel_id, state FROM parcels WHERE state NOT IN {listed(STORED)}"
    for name, state in connection.execute(odd):
        yield Finding("states", f"parcel {name} is in state {state!r}")


def _contents(connection: sqlite3.Connection) -> Iterator[Finding]:
    for *fields, digest, size, state in connection.execute(WHOLE):
        if misshapen(fields):
            yield Finding("content", f"parcel {fields[0]} has columns of wrong types")
            continue
        parcel = Parcel(*fields)
        if state != "dead" and (why := unsound(parcel, digest) or unlike_manifest(parcel)):
            yield Finding("content", f"parcel {parcel.parcel_id}: {why}")
        if size != footprint_bytes(parcel):
            yield Finding("bytes", f"parcel {parcel.parcel_id} is counted as {size} bytes")


def _ids(connection: sqlite3.Connection) -> Iterator[Finding]:
    cure = "it will be a dead letter when its turn comes"
    alive = "SELECT parcel_id, camera_id FROM parcels WHERE state != 'dead'"
    for pair in connection.execute(alive):
        if not all(is_id(value) for value in pair):
            what = f"parcel {pair[0]!r} of camera {pair[1]!r}: one of these is no id"
            yield Finding("ids", what, cure)


def _pictures(connection: sqlite3.Connection) -> Iterator[Finding]:
    for name, kind, state in connection.execute(
        f"SELECT parcel_id, kind, state FROM parcels WHERE {NO_PICTURE} OR {HELD_BY_MISTAKE}"
    ):
        yield Finding("pictures", f"parcel {name} is a {kind} in state {state}")


def _dead_letters(connection: sqlite3.Connection) -> Iterator[Finding]:
    mute = "SELECT parcel_id FROM parcels WHERE state = 'dead' AND why = ''"
    for (name,) in connection.execute(mute):
        yield Finding("dead", f"dead letter {name} has no reason")


def _losses(connection: sqlite3.Connection) -> Iterator[Finding]:
    known = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'losses'").fetchone()
    for row in connection.execute(f"SELECT {losses.COLUMNS} FROM losses") if known else ():
        if why := losses.fault(row):
            yield Finding("losses", f"what {row[0]} lost cannot be told: {why}")


CHECKS: tuple[Callable[[sqlite3.Connection], Iterator[Finding]], ...] = (
    _integrity,
    _rows_without_bodies,
    _bodies_without_rows,
    _states,
    _contents,
    _ids,
    _pictures,
    _dead_letters,
    _losses,
)
