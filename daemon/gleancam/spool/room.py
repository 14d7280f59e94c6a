"""Room in the spool: how much a parcel takes, and who has to leave for it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gleancam.errors import SpoolFullError
from gleancam.spool.losses import LEAVING, Leaving, give_up
from gleancam.spool.states import Action
from gleancam.spool.view import live_bytes
from gleancam.wire.parcel import Parcel

PAGE_BYTES = 4096
ROW_BYTES = 500
"""A row with its index entries, on the large side."""


def footprint_bytes(parcel: Parcel) -> int:
    """Return about how many bytes of pages a parcel takes."""
    content = len(parcel.data) + len(parcel.image or b"") + ROW_BYTES
    return (content // (PAGE_BYTES - 4) + 1) * PAGE_BYTES


def refuse_oversize(path: Path, need_bytes: int, max_bytes: int) -> None:
    """Refuse a parcel for which evicting everything would not be enough.

    Raises:
        SpoolFullError: it is larger than half the spool.
    """
    if need_bytes > max_bytes // 2:
        raise SpoolFullError(
            f"a parcel of {need_bytes} bytes does not fit into spool {path}",
            cure=f"raise spool.max_bytes, which is {max_bytes}",
        )


def evict(connection: sqlite3.Connection, allowed_bytes: int, besides: int) -> tuple[str, ...]:
    """Inside a transaction, give rows up until the live pages fit into `allowed_bytes`.

    Dead letters go first: nobody will ever take them, and what can still be delivered is worth
    more. Then pictures that are held: their manifests are delivered, and nobody has asked for them.
    Then what is ready goes, lowest value (distance to the nearest frame kept before it)
    first, oldest first among equals; what the lottery drew or a command asked for has the highest
    value. What is in flight or sent stays: it is about to go by itself. Tombstones stay: there is
    one a camera. The note of the loss may itself need a page, and the loop pays for that too.

    Args:
        connection: in a transaction.
        allowed_bytes: for the live pages.
        besides: the row that is never evicted, the newest.

    Returns:
        The ids of evicted parcels that could still have been delivered.

    Raises:
        SpoolFullError: that is not enough; the caller rolls back.
    """
    evicted: list[str] = []
    while (excess := live_bytes(connection) - allowed_bytes) > 0:
        leaving = _cheapest(connection, excess, besides)
        evicted += give_up(connection, leaving, Action.EVICT, "evicted")
    return tuple(evicted)


def _cheapest(connection: sqlite3.Connection, excess_bytes: int, besides: int) -> list[Leaving]:
    leaving: list[Leaving] = []
    for statement in _ORDERS:
        for found in connection.execute(statement, (besides,)):
            if excess_bytes <= 0:
                return leaving
            leaving.append(Leaving(*found))
            excess_bytes -= leaving[-1].bytes
    if not leaving:
        raise SpoolFullError(
            "the spool's byte limit is reached and nothing in it can be evicted",
            cure="raise spool.max_bytes, or mend the connection to the broker",
        )
    return leaving


_SELECT = f"SELECT {LEAVING} FROM parcels"  # noqa: S608 - constants
_ORDERS = (
    f"{_SELECT} WHERE state = 'dead' AND seq != ? ORDER BY seq",
    f"{_SELECT} WHERE state = 'held' AND seq != ? ORDER BY value, seq",
    f"{_SELECT} WHERE state = 'ready' AND lane != 'tombstone' AND seq != ? ORDER BY value, seq",
)
