"""What was given up and upstream does not know of yet: a row for each camera and reason.

A loss is noted in the transaction that deletes the parcels. It becomes a parcel of its own, a
tombstone, when delivery has somebody to tell; while a camera's tombstone is on its way, more losses
add up in the row. So there is at most one tombstone a camera and one row a camera and reason,
however long an outage lasts: word of losses never takes the space of samples for long.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gleancam.spool.sql import move
from gleancam.spool.states import Action
from gleancam.wire.cloudevent import LIMIT_BYTES
from gleancam.wire.codec import decode, encode
from gleancam.wire.error import WireError
from gleancam.wire.loss import Loss, LossData, LossReason, loss_data
from gleancam.wire.picture import sample_of
from gleancam.wire.topics import checked_id

# ruff: noqa: S608 - the parts of every statement are constants
COLUMNS = "camera_id, reason, samples, events, bytes, first_ns, last_ns, ids"
"""The columns of a loss."""
_STORE = f"INSERT OR REPLACE INTO losses ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_UNTOLD = (
    f"SELECT {COLUMNS} FROM losses WHERE camera_id NOT IN (SELECT camera_id FROM parcels"
    " WHERE lane = 'tombstone' AND state != 'dead') ORDER BY camera_id, reason"
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A parcel that is about to be given up."""

    seq: int
    parcel_id: str
    kind: str
    camera_id: str
    captured_ns: int
    bytes: int
    state: str


LEAVING = "seq, parcel_id, kind, camera_id, captured_ns, bytes, state"
"""The columns of a `Leaving`."""


def give_up(
    connection: sqlite3.Connection, leaving: Iterable[Leaving], action: Action, reason: LossReason
) -> tuple[str, ...]:
    """Delete parcels that the action may delete and note the loss; return their ids.

    Dead letters go without a note and are not returned: each was counted when it died, and
    whoever rejected it knows.
    """
    statement = move(action, where="seq = ?")
    gone = [row for row in leaving if connection.execute(statement, (row.seq,)).rowcount]
    connection.executemany("DELETE FROM bodies WHERE seq = ?", [(row.seq,) for row in gone])
    live = [row for row in gone if row.state != "dead"]
    note(connection, (loss_of(row, reason) for row in live))
    return tuple(row.parcel_id for row in live)


def note(connection: sqlite3.Connection, losses: Iterable[Loss]) -> None:
    """Add losses to what is to be told."""
    joined: dict[tuple[str, str], Loss] = {}
    for loss in losses:
        key = (loss.camera_id, loss.reason)
        before = joined.get(key) or _stored(connection, *key)
        joined[key] = before.joined(loss) if before else loss
    for loss in joined.values():
        connection.execute(_STORE, _row(loss))


def untold(connection: sqlite3.Connection) -> dict[str, tuple[Loss, ...]]:
    """Return what can be told now, by camera."""
    found: dict[str, tuple[Loss, ...]] = {}
    for row in connection.execute(_UNTOLD):
        found[row[0]] = (*found.get(row[0], ()), _parsed(row))
    return found


def told(connection: sqlite3.Connection, camera_id: str) -> None:
    """Forget a camera's losses: a tombstone tells of them."""
    connection.execute("DELETE FROM losses WHERE camera_id = ?", (camera_id,))


def fault(row: Sequence[Any]) -> str:
    """Return why a row, which may be damaged, cannot be told; empty when it can."""
    try:
        loss = _parsed(tuple(row))
        checked_id(loss.camera_id)
        decode(encode(loss_data(loss)), LossData, limit_bytes=LIMIT_BYTES)
    except (ValueError, TypeError, WireError) as error:
        return str(error) or "no loss"
    return ""


def _stored(connection: sqlite3.Connection, camera_id: str, reason: str) -> Loss | None:
    row = connection.execute(
        f"SELECT {COLUMNS} FROM losses WHERE camera_id = ? AND reason = ?", (camera_id, reason)
    ).fetchone()
    return None if row is None else _parsed(row)


def loss_of(row: Leaving, reason: LossReason) -> Loss:
    """Return the loss of one parcel.

    Of a picture upstream has the manifest: that is another loss than one of which nobody heard.
    """
    is_event, is_picture = row.kind == "event", row.kind == "picture"
    at_ns = row.captured_ns
    return Loss(
        row.camera_id,
        "unfetched" if is_picture else reason,
        int(not is_event),
        int(is_event),
        row.bytes,
        at_ns,
        at_ns,
        (sample_of(row.parcel_id) if is_picture else row.parcel_id,),
    )


def _parsed(row: tuple[Any, ...]) -> Loss:
    camera_id, reason, samples, events, size, first_ns, last_ns, ids = row
    names = tuple(json.loads(ids))
    return Loss(camera_id, reason, samples, events, size, first_ns, last_ns, names)


def _row(loss: Loss) -> tuple[Any, ...]:
    return (
        loss.camera_id,
        loss.reason,
        loss.samples,
        loss.events,
        loss.bytes,
        loss.first_ns,
        loss.last_ns,
        json.dumps(loss.ids),
    )
