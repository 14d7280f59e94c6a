"""How old a parcel is, on a clock that cannot jump, and what happens to the oldest.

The spool has a clock of its own: the time for which a daemon has had it open (CLOCK_BOOTTIME, which
counts a suspended machine too, added up over all runs). The wall clock has no say: a device whose
clock is set, by a day or by fifty years, expires nothing sooner. Time for which the daemon was not
running does not count either, so an age is never more than the true one, and what came out of a
long power cut gets its full time to be delivered.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import TypeAlias

from gleancam.spool.losses import LEAVING, Leaving, give_up
from gleancam.spool.sql import may
from gleancam.spool.states import Action

BATCH = 500
"""Expired in one transaction."""

Clock: TypeAlias = Callable[[], int]
"""Nanoseconds since whenever; never jumps, never goes back."""


def boottime_ns() -> int:
    """Return the time since the machine was started, suspended or not."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class LivedClock:
    """The spool's own clock, in nanoseconds: goes on where the last run wrote it down."""

    def __init__(self, lived_ns: int, clock: Clock) -> None:
        self._clock = clock
        self._offset_ns = lived_ns - clock()

    def now_ns(self) -> int:
        """Return for how long the spool has been open, in all runs together."""
        return self._clock() + self._offset_ns


def read_lived(connection: sqlite3.Connection) -> int:
    """Return what the last run wrote down."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'lived_ns'").fetchone()
    return 0 if row is None else int(row[0])


def write_lived(connection: sqlite3.Connection, lived_ns: int) -> None:
    """Write the clock down."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('lived_ns', ?)", (lived_ns,))


def age_out(connection: sqlite3.Connection, born_before_ns: int) -> tuple[str, ...]:
    """Give up the oldest, at most `BATCH` of those spooled before a time of the spool's clock.

    What is in flight is about to go by itself; dead letters go as well.

    Returns:
        The ids of those that were not dead.
    """
    old = connection.execute(
        f"SELECT {LEAVING} FROM parcels WHERE lived_ns < ? AND {may(Action.EXPIRE)}"  # noqa: S608
        " AND lane != 'tombstone' ORDER BY lived_ns, seq LIMIT ?",
        (born_before_ns, BATCH),
    ).fetchall()
    return give_up(connection, (Leaving(*row) for row in old), Action.EXPIRE, "expired")
