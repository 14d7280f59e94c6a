"""The statements that move parcels between states; each runs inside the caller's transaction."""

# ruff: noqa: S608 - the parts of every statement are constants of this file and names of states

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from gleancam.spool.states import UNDELIVERED, State, before
from gleancam.wire.parcel import Parcel

LONGEST_DELAY_NS = 3600 * 10**9
"""Delays double at every setback, up to an hour."""


def _where(new: State) -> str:
    """Select one parcel that may become `new`."""
    states = ", ".join(f"'{old.value}'" for old in before(new) if old in UNDELIVERED)
    return f" WHERE parcel_id = ? AND state IN ({states})"


_DELAY = f"min(? << min(setbacks, 12), {LONGEST_DELAY_NS})"
_CLAIM = "UPDATE parcels SET state = 'inflight', attempts = attempts + 1" + _where(State.INFLIGHT)
_SEND = f"UPDATE parcels SET state = 'sent', due_ns = ? + {_DELAY}" + _where(State.SENT)
_RELEASE = "UPDATE parcels SET state = 'ready', due_ns = 0" + _where(State.READY)
_DELAYED_RELEASE = (
    f"UPDATE parcels SET state = 'ready', due_ns = ? + {_DELAY}, setbacks = setbacks + 1"
    + _where(State.READY)
)
_BURY = "UPDATE parcels SET state = 'dead', why = ?" + _where(State.DEAD)
_REMOVE = (
    "DELETE FROM parcels" + _where(State.GONE) + " RETURNING seq, parcel_id, kind, captured_ns"
)


@dataclass(frozen=True, slots=True)
class Freed:
    """A parcel that was delivered and is no longer here."""

    parcel_id: str
    kind: str
    captured_ns: int


def insert(
    connection: sqlite3.Connection, parcel: Parcel, spooled_ns: int, footprint: int
) -> int | None:
    """Store row and body; None when the id is here already."""
    row = connection.execute(
        "INSERT INTO parcels (parcel_id, kind, camera_id, captured_ns, spooled_ns, value, bytes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING seq",
        (
            parcel.parcel_id,
            parcel.kind,
            parcel.camera_id,
            parcel.captured_ns,
            spooled_ns,
            parcel.value,
            footprint,
        ),
    ).fetchone()
    if row is None:
        return None
    connection.execute("INSERT INTO bodies VALUES (?, ?, ?)", (row[0], parcel.data, parcel.image))
    return int(row[0])


def replace(connection: sqlite3.Connection, parcel: Parcel, footprint: int) -> None:
    """Store another body under the same id."""
    connection.execute(
        "UPDATE bodies SET data = ?, image = ? WHERE seq ="
        " (SELECT seq FROM parcels WHERE parcel_id = ?)",
        (parcel.data, parcel.image, parcel.parcel_id),
    )
    connection.execute(
        "UPDATE parcels SET bytes = ? WHERE parcel_id = ?", (footprint, parcel.parcel_id)
    )


def find(connection: sqlite3.Connection, parcel_id: str) -> Parcel | None:
    """Return one parcel by its id."""
    row = connection.execute(
        "SELECT p.parcel_id, p.kind, p.camera_id, p.captured_ns, b.data, b.image, p.value"
        " FROM parcels p JOIN bodies b USING (seq) WHERE p.parcel_id = ?",
        (parcel_id,),
    ).fetchone()
    return None if row is None else Parcel(*row)


def claimable(
    connection: sqlite3.Connection, limit: int, now_ns: int
) -> list[tuple[Parcel, int, int]]:
    """Return (parcel, attempts so far, spooled_ns) of what is ready and due, in order."""
    found = connection.execute(
        "SELECT p.parcel_id, p.kind, p.camera_id, p.captured_ns, b.data, b.image, p.value,"
        " p.attempts, p.spooled_ns FROM parcels p JOIN bodies b USING (seq)"
        " WHERE p.state = 'ready' AND p.due_ns <= ? ORDER BY p.due_ns, p.seq LIMIT ?",
        (now_ns, limit),
    )
    return [(Parcel(*row[:7]), row[7], row[8]) for row in found]


def mark_in_flight(connection: sqlite3.Connection, parcel_ids: Iterable[str]) -> None:
    """From ready to inflight, one attempt more."""
    connection.executemany(_CLAIM, [(parcel_id,) for parcel_id in parcel_ids])


def mark_sent(
    connection: sqlite3.Connection, parcel_ids: Iterable[str], now_ns: int, timeout_ns: int
) -> None:
    """From inflight to sent; due again after the timeout."""
    connection.executemany(_SEND, [(now_ns, timeout_ns, parcel_id) for parcel_id in parcel_ids])


def mark_ready(connection: sqlite3.Connection, parcel_ids: Iterable[str]) -> None:
    """From inflight or sent to ready, due at once and before everything newer."""
    connection.executemany(_RELEASE, [(parcel_id,) for parcel_id in parcel_ids])


def mark_delayed(
    connection: sqlite3.Connection, parcel_ids: Iterable[str], now_ns: int, delay_ns: int
) -> None:
    """From inflight or sent to ready, due after the delay; a setback doubles later delays."""
    rows = [(now_ns, delay_ns, parcel_id) for parcel_id in parcel_ids]
    connection.executemany(_DELAYED_RELEASE, rows)


def mark_dead(connection: sqlite3.Connection, parcel_id: str, why: str) -> bool:
    """Whatever is undelivered → dead; False when there was nothing to change."""
    return connection.execute(_BURY, (why, parcel_id)).rowcount > 0


def expire(connection: sqlite3.Connection, now_ns: int) -> tuple[str, ...]:
    """From sent to ready where it is due; returns the ids."""
    rows = connection.execute(
        "UPDATE parcels SET state = 'ready', due_ns = 0, setbacks = setbacks + 1"
        " WHERE state = 'sent' AND due_ns <= ? RETURNING parcel_id",
        (now_ns,),
    ).fetchall()
    return tuple(row[0] for row in rows)


def reset(connection: sqlite3.Connection, states: Iterable[State]) -> int:
    """Make everything in `states` ready and due; returns how many."""
    return sum(
        connection.execute(
            "UPDATE parcels SET state = 'ready', due_ns = 0 WHERE state = ? AND due_ns >= ?",
            (state.value, 1 if state is State.READY else 0),
        ).rowcount
        for state in states
    )


def remove(connection: sqlite3.Connection, parcel_ids: Iterable[str]) -> tuple[Freed, ...]:
    """Whatever is undelivered → gone; ids that are not here, or dead, are passed over."""
    rows = [connection.execute(_REMOVE, (parcel_id,)).fetchone() for parcel_id in parcel_ids]
    found = [row for row in rows if row is not None]
    connection.executemany("DELETE FROM bodies WHERE seq = ?", [row[:1] for row in found])
    return tuple(Freed(*row[1:]) for row in found)
