"""The durable queue between the spooler and delivery: one SQLite file.

On disk (`schema.py` has the tables, `states.py` the states)
    spool.db           parcels: one small row each; bodies: data and image, written once;
                       notes: what selection remembers; losses: given up, not yet told
    spool.db-wal       the write-ahead log; committed parcels may live only here
    spool.db.lock      held (flock) by the one process that uses the spool
    spool.db.ballast   4 MiB of nothing, deleted when the disk is full so that deletes still work
    spool.db.suspect   says that damage was met while running; the next start deals with it
    spool.db.damaged-* what a damaged spool was, set aside (`rescue.py`); one is kept

Invariants
    1. `add` returns after its transaction, image included, is on the disk (fsync). Whatever ends
       the process then, the parcel is delivered, evicted, expired or dead, and each is counted.
    2. A row and its body come and go in one transaction.
    3. `inflight` and `sent` mean something only to the process that wrote them: at open both become
       `ready`. So only `add`, `replace` and `next_session` wait for the disk; a state that a power
       cut takes back costs a second delivery, which consumers know by its id. `fetch` waits, too:
       it is answered.
    4. After `add`, live pages and log together hold at most `max_bytes`, unless a reader keeps the
       log alive. The ballast and the log's growth inside one transaction come on top.
    5. What is noted with a parcel is on the disk exactly when the parcel is. What is noted alone
       survives the end of the process, but a power cut may take it back. Notes are never evicted.
    6. `due_ns` is on the monotonic clock, which ends with the boot: at open it becomes 0, or 1
       where a parcel was set back (refused, or not acknowledged in time): there it is never 0.
    7. What is handed out bears the digest it was stored with, or is marked as damaged.
    8. A row is evicted or expired in the transaction that notes the loss (`losses.py`).

Threads: one connection behind one lock; any thread may call anything.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from gleancam.spool import aging, losses, rows
from gleancam.spool import notes as memory
from gleancam.spool.aging import Clock, LivedClock, boottime_ns
from gleancam.spool.claims import Claimed, claimable, claimable_on, find
from gleancam.spool.disk import lock, plain_errors
from gleancam.spool.rescue import Rescue, rescue
from gleancam.spool.room import evict, footprint_bytes, refuse_oversize
from gleancam.spool.rows import Freed, Moment
from gleancam.spool.schema import connect
from gleancam.spool.space import Space, SpoolLimits
from gleancam.spool.store import Store
from gleancam.spool.terms import Terms
from gleancam.spool.view import SpoolRow, SpoolStat, read_rows, read_stat
from gleancam.wire.loss import Loss
from gleancam.wire.parcel import Parcel

NEVER_SET_BACK = 0
"""Due by then is what was never refused, and never sent in vain."""


class Spool:
    """See the top of the file. Every method may raise `SpoolFullError` or `SpoolError`.

    Attributes:
        rescued: what was saved of a damaged spool when this one was opened; None when all was well.
        found: how many parcels that had not ended were in it then.
    """

    def __init__(
        self, store: Store, limits: SpoolLimits, lock_descriptor: int, clock: Clock
    ) -> None:
        self._store = store
        self._limits = limits
        self._space = Space(store, limits)
        self._lock_descriptor: int | None = lock_descriptor
        self._turn = 0
        with store.reading() as connection:
            self._lived = LivedClock(aging.read_lived(connection), clock)
        self.rescued: Rescue | None = None
        self.found = 0

    @classmethod
    def open(
        cls, path: Path, max_bytes: int, reserve_bytes: int, clock: Clock = boottime_ns
    ) -> Spool:
        """Take the spool at `path` for this process, making it if there is none.

        A damaged one is set aside, and what can be read of it is saved into a new one.

        Raises:
            SpoolError: it is in use, another program's, of a newer version, or not to be written.
            SpoolFullError: the disk is full.
        """
        descriptor = lock(path)
        try:
            rescued = rescue(path, reserve_bytes)
            with plain_errors(path):
                connection = connect(path)
            limits = SpoolLimits(max_bytes, reserve_bytes)
            spool = cls(Store(path, connection), limits, descriptor, clock)
            spool._begin(rescued)
        except BaseException:
            os.close(descriptor)
            raise
        return spool

    def add(self, parcel: Parcel, notes: Sequence[memory.Row] = ()) -> tuple[str, ...]:
        """Store one parcel durably, and `notes` with it.

        A parcel that is already here is left as it is.

        Returns:
            The ids of undelivered parcels evicted to make room: those of the lowest value.

        Raises:
            SpoolFullError: the disk or the byte limit is full; nothing was changed.
        """
        footprint = footprint_bytes(parcel)
        with self._store.reading():
            refuse_oversize(self._store.path, footprint, self._limits.max_bytes)
            self._space.keep_reserve(footprint + memory.size_bytes(notes))
            allowed = self._limits.max_bytes - self._space.trimmed_log(footprint)
            with self._store.transaction("FULL") as connection:
                seq = rows.insert(connection, parcel, self._moment(), footprint)
                memory.write(connection, notes)
                evicted = () if seq is None else evict(connection, allowed, besides=seq)
            self._space.trimmed_log(0)
            return evicted

    def note(self, notes: Sequence[memory.Row]) -> None:
        """Store notes without a parcel.

        Raises:
            SpoolFullError: the disk is full; nothing was changed.
        """
        with self._store.reading():
            self._space.keep_reserve(memory.size_bytes(notes))
            with self._store.transaction("NORMAL") as connection:
                memory.write(connection, notes)

    def write_down(self, notes: Sequence[memory.Row]) -> None:
        """Store notes of delivery durably, also while the disk's reserve is touched.

        Raises:
            SpoolFullError: the disk is full, even without ballast.
        """
        self._store.change(lambda connection: memory.write(connection, notes), "FULL")

    def lived_ns(self) -> int:
        """Return the spool's own time (`aging.py`): no wall clock moves it."""
        return self._lived.now_ns()

    def noted(self) -> list[tuple[str, int, bytes]]:
        """Return everything noted: name, number, content."""
        with self._store.reading() as connection:
            return memory.read(connection)

    def claim(self, limit: int, due_ns: int, terms: Terms | None = None) -> list[Claimed]:
        """Hand out at most `limit` parcels that are ready and due, in the order of `claims.py`.

        `due_ns` is now, monotonic as everywhere here, or `NEVER_SET_BACK`. A link that is limited
        has `terms`.
        """
        if limit == 0:
            return []
        with self._store.reading():
            found = self._claimable(limit, due_ns, terms)
            if found:
                self._turn += len(found)
                ids = [one.parcel.parcel_id for one in found]
                self._store.change(lambda connection: rows.mark_in_flight(connection, ids))
        return found

    def sent(self, parcel_ids: Iterable[str], now_ns: int, timeout_ns: int) -> None:
        """Note that the broker has these; due again after `timeout_ns`, doubled per setback."""
        ids = list(parcel_ids)
        self._store.change(lambda connection: rows.mark_sent(connection, ids, now_ns, timeout_ns))

    def release(self, parcel_ids: Iterable[str]) -> None:
        """Give back what was not sent after all: ready and due as it was."""
        ids = list(parcel_ids)
        self._store.change(lambda connection: rows.mark_ready(connection, ids))

    def delay(self, parcel_ids: Iterable[str], now_ns: int, delay_ns: int) -> None:
        """Give back what was refused: due after `delay_ns`, doubled per setback."""
        ids = list(parcel_ids)
        self._store.change(lambda connection: rows.mark_delayed(connection, ids, now_ns, delay_ns))

    def dead(self, parcel_id: str, why: str) -> bool:
        """Keep a parcel as a dead letter; False when it is not here or is dead already."""
        return self._store.change(lambda connection: rows.mark_dead(connection, parcel_id, why))

    def retry(self, parcel_ids: Iterable[str] | None) -> int:
        """Make dead letters ready again, all of them for None; return how many."""
        ids = None if parcel_ids is None else list(parcel_ids)
        return self._store.change(lambda connection: rows.revive(connection, ids))

    def gone(self, parcel_ids: Iterable[str]) -> tuple[Freed, ...]:
        """Delete what was delivered; ids that are unknown or dead are passed over.

        What was a manifest whose picture is held becomes that picture, with an id of its own.
        """
        ids = list(parcel_ids)
        return self._store.change(lambda connection: rows.remove(connection, ids))

    def tidy(self) -> None:
        """Give a few of many free pages back to the file system.

        To be called when there is nothing better to do: what lies behind them has to be moved.
        """
        self._space.give_back_pages()

    def fetch(self, sample_ids: Iterable[str]) -> tuple[str, ...]:
        """Make held pictures ready, durably; return the samples that have none here (any more)."""
        ids = list(sample_ids)
        return self._store.change(lambda connection: rows.fetch(connection, ids), "FULL")

    def replace(self, parcel: Parcel) -> None:
        """Put a parcel in the place of the one with its id, as with a smaller image."""
        footprint = footprint_bytes(parcel)
        self._store.change(lambda connection: rows.replace(connection, parcel, footprint), "FULL")

    def get(self, parcel_id: str) -> Parcel | None:
        """Return one parcel; None when it is not here, or no longer what was written."""
        with self._store.reading() as connection:
            return find(connection, parcel_id)

    def hurry(self) -> None:
        """Make due at once what was delayed, and let delays begin anew."""
        self._store.change(rows.hurry)

    def expire_sent(self, now_ns: int) -> tuple[str, ...]:
        """Make ready again what no consumer acknowledged in time; return the ids."""
        return self._store.change(lambda connection: rows.expire(connection, now_ns))

    def reset_in_flight(self) -> int:
        """Make ready again what a lost session had not confirmed; return how many."""
        return self._store.change(rows.disconnect)

    def age_out(self, max_age_ns: int) -> tuple[str, ...]:
        """Give up what is older than that, oldest first, at most `aging.BATCH`; return the ids.

        Ages are the spool's own (`aging.py`). To be called now and then: it writes its clock down.
        """
        now_ns = self._lived.now_ns()

        def change(connection: sqlite3.Connection) -> tuple[str, ...]:
            aging.write_lived(connection, now_ns)
            return aging.age_out(connection, now_ns - max_age_ns)

        return self._store.change(change)

    def tell_losses(self, tombstone: Callable[[str, tuple[Loss, ...]], Parcel]) -> int:
        """Turn losses into tombstones, at most one a camera at a time; return how many."""

        def change(connection: sqlite3.Connection) -> int:
            untold = losses.untold(connection)
            for camera_id, lost in untold.items():
                parcel = tombstone(camera_id, lost)
                rows.insert(connection, parcel, self._moment(), footprint_bytes(parcel))
                losses.told(connection, camera_id)
            return len(untold)

        return self._store.change(change, "FULL") if self._has_losses() else 0

    def next_session(self) -> int:
        """Count one session more, durably, and return its number."""
        return self._store.change(_raise_session, "FULL")

    def stat(self) -> SpoolStat:
        """Count what the spool holds."""
        with self._store.reading() as connection:
            return read_stat(connection, self._store.path)

    def rows(self, limit: int) -> list[SpoolRow]:
        """Return the oldest `limit` parcels, without bodies."""
        with self._store.reading() as connection:
            return read_rows(connection, limit)

    def close(self) -> None:
        """Write the log back and let another process have the spool; again is harmless."""
        with self._store.reading() as connection:
            connection.close()
            if self._lock_descriptor is not None:
                os.close(self._lock_descriptor)
                self._lock_descriptor = None

    def _begin(self, rescued: Rescue | None) -> None:
        self._store.change(rows.restart)
        self._space.restore_ballast()
        self.rescued = rescued
        self.found = self.stat().kept

    def _claimable(self, limit: int, due_ns: int, terms: Terms | None) -> list[Claimed]:
        with self._store.snapshot() as connection:
            if terms is None:
                return claimable(connection, limit, due_ns, time.time_ns(), self._turn)
            moment = (due_ns, time.time_ns(), self.lived_ns())
            return claimable_on(terms, connection, limit, moment, self._turn)

    def _moment(self) -> Moment:
        return Moment(time.time_ns(), self._lived.now_ns())

    def _has_losses(self) -> bool:
        with self._store.reading() as connection:
            return bool(losses.untold(connection))


def _raise_session(connection: sqlite3.Connection) -> int:
    row = connection.execute(
        "UPDATE meta SET value = value + 1 WHERE key = 'session' RETURNING value"
    )
    return int(row.fetchone()[0])
