"""The statements that add parcels and move them; each runs inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from gleancam.spool.bodies import discard
from gleancam.spool.digest import digest
from gleancam.spool.sql import NAMED, array, listed, move
from gleancam.spool.states import UNDELIVERED, Action
from gleancam.wire.parcel import Parcel
from gleancam.wire.picture import SUFFIX

LONGEST_DELAY_NS = 3600 * 10**9
"""Delays double at every setback, up to an hour."""

_DELAY = f"min(? << min(setbacks, 12), {LONGEST_DELAY_NS})"
_CLAIM = move(Action.CLAIM, "attempts = attempts + 1", NAMED)
_ACCEPT = move(Action.ACCEPT, f"due_ns = ? + {_DELAY}", NAMED)
# What is given back keeps its place: `due_ns` still says whether it was set back.
_RELEASE = move(Action.RELEASE, where=NAMED)
_POSTPONE = move(Action.POSTPONE, f"due_ns = ? + {_DELAY}, setbacks = setbacks + 1", NAMED)
_OVERDUE = move(Action.OVERDUE, "setbacks = setbacks + 1", "due_ns <= ?")
_DISCONNECT = move(Action.DISCONNECT, where="TRUE")
_AT_ONCE = "due_ns = min(setbacks, 1), setbacks = min(setbacks, 1)"
"""Due, but still behind what was never set back; and delays begin anew."""
_RESTART = move(Action.RESTART, _AT_ONCE, "TRUE")
_BURY = move(Action.BURY, "why = ?")
_RETRY = move(Action.RETRY, "why = '', due_ns = 0, attempts = 0, setbacks = 0", NAMED)
_RETRY_ALL = move(Action.RETRY, "why = '', due_ns = 0, attempts = 0, setbacks = 0", "TRUE")
_FREE = move(Action.FREE, where=NAMED) + " RETURNING seq, parcel_id, kind, captured_ns"
_HOLD = (
    move(
        Action.HOLD,
        f"parcel_id = parcel_id || '{SUFFIX}', kind = 'picture',"
        " due_ns = 0, attempts = 0, setbacks = 0",
        NAMED,
    )
    + f" RETURNING seq, substr(parcel_id, 1, length(parcel_id) - {len(SUFFIX)}), 'manifest',"
    " captured_ns"
)
_FETCH = move(Action.FETCH)
_DUE = f"SELECT 1 FROM parcels WHERE parcel_id = ? AND state IN {listed(UNDELIVERED)}"  # noqa: S608
_HURRY = f"UPDATE parcels SET {_AT_ONCE} WHERE state = 'ready' AND due_ns > 1"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Freed:
    """A parcel that was delivered and is no longer here; of a manifest, the picture still is."""

    parcel_id: str
    kind: str
    captured_ns: int


@dataclass(frozen=True, slots=True)
class Moment:
    """When a parcel was spooled: UTC, and on the spool's own clock (`aging.py`), nanoseconds."""

    wall_ns: int
    lived_ns: int


def insert(
    connection: sqlite3.Connection, parcel: Parcel, moment: Moment, footprint: int
) -> int | None:
    """Store row and body; None when the id is here already."""
    row = connection.execute(
        "INSERT INTO parcels (parcel_id, kind, camera_id, captured_ns, spooled_ns, value, bytes,"
        " lane, lived_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING RETURNING seq",
        (
            parcel.parcel_id,
            parcel.kind,
            parcel.camera_id,
            parcel.captured_ns,
            moment.wall_ns,
            parcel.value,
            footprint,
            parcel.lane,
            moment.lived_ns,
        ),
    ).fetchone()
    if row is None:
        return None
    body = (row[0], parcel.data, parcel.image, digest(parcel))
    connection.execute("INSERT INTO bodies VALUES (?, ?, ?, ?)", body)
    return int(row[0])


def replace(connection: sqlite3.Connection, parcel: Parcel, footprint: int) -> None:
    """Store another body under the same id."""
    connection.execute(
        "UPDATE bodies SET data = ?, image = ?, digest = ? WHERE seq ="
        " (SELECT seq FROM parcels WHERE parcel_id = ?)",
        (parcel.data, parcel.image, digest(parcel), parcel.parcel_id),
    )
    connection.execute(
        "UPDATE parcels SET bytes = ? WHERE parcel_id = ?", (footprint, parcel.parcel_id)
    )


def mark_in_flight(connection: sqlite3.Connection, parcel_ids: Iterable[str]) -> None:
    """One attempt more."""
    connection.execute(_CLAIM, (array(parcel_ids),))


def mark_sent(
    connection: sqlite3.Connection, parcel_ids: Iterable[str], now_ns: int, timeout_ns: int
) -> None:
    """Due again after the timeout."""
    connection.execute(_ACCEPT, (now_ns, timeout_ns, array(parcel_ids)))


def mark_ready(connection: sqlite3.Connection, parcel_ids: Iterable[str]) -> None:
    """Due as it was when it was handed out: at once."""
    connection.execute(_RELEASE, (array(parcel_ids),))


def mark_delayed(
    connection: sqlite3.Connection, parcel_ids: Iterable[str], now_ns: int, delay_ns: int
) -> None:
    """Due after the delay; a setback doubles later delays."""
    connection.execute(_POSTPONE, (now_ns, delay_ns, array(parcel_ids)))


def mark_dead(connection: sqlite3.Connection, parcel_id: str, why: str) -> bool:
    """Whatever is undelivered → dead; False when there was nothing to change."""
    return connection.execute(_BURY, (why, parcel_id)).rowcount > 0


def revive(connection: sqlite3.Connection, parcel_ids: Iterable[str] | None) -> int:
    """Dead → ready, as if it were new; all of them for None. Returns how many."""
    if parcel_ids is None:
        return connection.execute(_RETRY_ALL).rowcount
    return connection.execute(_RETRY, (array(parcel_ids),)).rowcount


def expire(connection: sqlite3.Connection, now_ns: int) -> tuple[str, ...]:
    """From sent to ready where it is due, behind whatever was never set back; returns the ids."""
    rows = connection.execute(_OVERDUE + " RETURNING parcel_id", (now_ns,)).fetchall()
    return tuple(row[0] for row in rows)


def disconnect(connection: sqlite3.Connection) -> int:
    """Make ready what a lost session had not confirmed; returns how many."""
    return connection.execute(_DISCONNECT).rowcount


def restart(connection: sqlite3.Connection) -> None:
    """Make ready what another process had under way, and due what was delayed."""
    connection.execute(_RESTART)
    hurry(connection)


def hurry(connection: sqlite3.Connection) -> None:
    """Make due what was delayed, and let delays begin anew."""
    connection.execute(_HURRY)


def remove(connection: sqlite3.Connection, parcel_ids: Iterable[str]) -> tuple[Freed, ...]:
    """Whatever is kept → gone; ids that are not here, or dead, are passed over.

    Manifests → pictures, held: from then on no row bears the manifest's id, so that whatever else
    is said of the manifest changes nothing.
    """
    ids = tuple(parcel_ids)
    found = connection.execute(_FREE, (array(ids),)).fetchall()
    discard(connection, [row[0] for row in found])
    freed = [Freed(*row[1:]) for row in found]
    if len(found) < len(ids):
        held = connection.execute(_HOLD, (array(ids),)).fetchall()
        freed += [Freed(*row[1:]) for row in held]
    return tuple(freed)


def fetch(connection: sqlite3.Connection, sample_ids: Iterable[str]) -> tuple[str, ...]:
    """Held → ready; return the samples whose pictures are neither here nor on their way.

    A manifest that nobody has acknowledged has no picture to be fetched yet.
    """
    missing: list[str] = []
    for sample_id in sample_ids:
        name = f"{sample_id}{SUFFIX}"
        if not connection.execute(_FETCH, (name,)).rowcount and not _is_due(connection, name):
            missing.append(sample_id)
    return tuple(missing)


def _is_due(connection: sqlite3.Connection, parcel_id: str) -> bool:
    return connection.execute(_DUE, (parcel_id,)).fetchone() is not None
