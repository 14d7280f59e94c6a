"""The durable queue between the spooler and delivery: one SQLite file.

On disk (`schema.py` has the tables, `states.py` the states)
    spool.db           parcels: one small row each; bodies: data and image, written once;
                       notes: what selection remembers
    spool.db-wal       the write-ahead log; committed parcels may live only here
    spool.db.lock      held (flock) by the one process that uses the spool
    spool.db.ballast   4 MiB of nothing, deleted when the disk is full so that deletes still work

Invariants
    1. `add` returns after its transaction, image included, is on the disk (fsync). Whatever ends
       the process then, the parcel is delivered, evicted or dead, and each of these is counted.
    2. A row and its body come and go in one transaction.
    3. `inflight` and `sent` mean something only to the process that wrote them: at open both become
       `ready`. So only `add`, `replace` and `next_session` wait for the disk; a state that a power
       cut takes back costs a second delivery, which consumers know by its id.
    4. After `add`, live pages and log together hold at most `max_bytes`, unless a reader keeps the
       log alive. The ballast and the log's growth inside one transaction come on top.
    5. What is noted with a parcel is on the disk exactly when the parcel is. What is noted alone
       survives the end of the process, but a power cut may take it back. Notes are never evicted.
    6. `due_ns` is on the monotonic clock, which ends with the boot: at open it becomes 0.

Threads: one connection behind one lock; any thread may call anything.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from gleancam.errors import SpoolFullError
from gleancam.spool import notes as memory
from gleancam.spool import rows
from gleancam.spool.disk import Ballast, free_bytes, lock, plain_errors
from gleancam.spool.room import evict, footprint_bytes, refuse_oversize
from gleancam.spool.rows import Freed
from gleancam.spool.schema import connect, pragma
from gleancam.spool.states import State
from gleancam.spool.view import SpoolRow, SpoolStat, live_bytes, read_rows, read_stat, wal_bytes
from gleancam.wire.parcel import Parcel

T = TypeVar("T")

VACUUM_ABOVE_BYTES = 64 * 1024 * 1024
"""More free pages than this are given back to the file system, a few at a time."""
VACUUM_PAGES = 256


@dataclass(frozen=True, slots=True)
class Claimed:
    """A parcel handed out for delivery.

    Attributes:
        attempt: 1 for the first.
        spooled_s: how long it has waited, by the wall clock; never below 0.
    """

    parcel: Parcel
    attempt: int
    spooled_s: float


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """How much the spool may take.

    Attributes:
        max_bytes: of live pages and log; see invariant 4.
        reserve_bytes: left free on the disk for the rest of the system.
    """

    max_bytes: int
    reserve_bytes: int


class Spool:
    """See the top of the file. Every method may raise `SpoolFullError` or `SpoolError`."""

    def __init__(
        self, path: Path, limits: SpoolLimits, connection: sqlite3.Connection, lock_descriptor: int
    ) -> None:
        self._path = path
        self._limits = limits
        self._connection = connection
        self._lock_descriptor: int | None = lock_descriptor
        self._ballast = Ballast(path)
        self._mutex = threading.RLock()

    @classmethod
    def open(cls, path: Path, max_bytes: int, reserve_bytes: int) -> Spool:
        """Take the spool at `path` for this process, making it if there is none.

        Raises:
            SpoolError: it is in use, damaged, of a newer version, or not to be written.
            SpoolFullError: the disk is full.
        """
        descriptor = lock(path)
        try:
            with plain_errors(path):
                connection = connect(path)
            spool = cls(path, SpoolLimits(max_bytes, reserve_bytes), connection, descriptor)
            spool._begin()
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
        with self._mutex:
            refuse_oversize(self._path, footprint, self._limits.max_bytes)
            self._keep_reserve(footprint + memory.size_bytes(notes))
            allowed = self._limits.max_bytes - self._trimmed_log(footprint)
            with self._transaction("FULL"):
                seq = rows.insert(self._connection, parcel, time.time_ns(), footprint)
                memory.write(self._connection, notes)
                evicted = () if seq is None else evict(self._connection, allowed, besides=seq)
            self._trimmed_log(0)
            return evicted

    def note(self, notes: Sequence[memory.Row]) -> None:
        """Store notes without a parcel.

        Raises:
            SpoolFullError: the disk is full; nothing was changed.
        """
        with self._mutex:
            self._keep_reserve(memory.size_bytes(notes))
            with self._transaction("NORMAL"):
                memory.write(self._connection, notes)

    def noted(self) -> list[tuple[str, int, bytes]]:
        """Return everything noted: name, number, content."""
        with self._mutex, plain_errors(self._path):
            return memory.read(self._connection)

    def claim(self, limit: int, now_ns: int) -> list[Claimed]:
        """Hand out at most `limit` parcels that are ready, in order of due time and age.

        `now_ns` is monotonic, as everywhere here.
        """
        with self._mutex, plain_errors(self._path):
            found = rows.claimable(self._connection, limit, now_ns)
        if found:
            ids = [parcel.parcel_id for parcel, _, _ in found]
            self._change(lambda: rows.mark_in_flight(self._connection, ids))
        wall_ns = time.time_ns()
        return [
            Claimed(parcel, attempts + 1, max(0, wall_ns - spooled_ns) / 1e9)
            for parcel, attempts, spooled_ns in found
        ]

    def sent(self, parcel_ids: Iterable[str], now_ns: int, timeout_ns: int) -> None:
        """Note that the broker has these; due again after `timeout_ns`, doubled per setback."""
        ids = list(parcel_ids)
        self._change(lambda: rows.mark_sent(self._connection, ids, now_ns, timeout_ns))

    def release(self, parcel_ids: Iterable[str]) -> None:
        """Give back what was not sent after all: ready at once."""
        ids = list(parcel_ids)
        self._change(lambda: rows.mark_ready(self._connection, ids))

    def delay(self, parcel_ids: Iterable[str], now_ns: int, delay_ns: int) -> None:
        """Give back what was refused: due after `delay_ns`, doubled per setback."""
        ids = list(parcel_ids)
        self._change(lambda: rows.mark_delayed(self._connection, ids, now_ns, delay_ns))

    def dead(self, parcel_id: str, why: str) -> bool:
        """Keep a parcel as a dead letter; False when it is not here or is dead already."""
        return self._change(lambda: rows.mark_dead(self._connection, parcel_id, why))

    def gone(self, parcel_ids: Iterable[str]) -> tuple[Freed, ...]:
        """Delete what was delivered; ids that are unknown or dead are passed over."""
        ids = list(parcel_ids)
        freed = self._change(lambda: rows.remove(self._connection, ids))
        self._give_back_pages()
        return freed

    def replace(self, parcel: Parcel) -> None:
        """Put a parcel in the place of the one with its id, as with a smaller image."""
        footprint = footprint_bytes(parcel)
        self._change(lambda: rows.replace(self._connection, parcel, footprint), "FULL")

    def get(self, parcel_id: str) -> Parcel | None:
        """Return one parcel; None when it is not here."""
        with self._mutex, plain_errors(self._path):
            return rows.find(self._connection, parcel_id)

    def hurry(self) -> None:
        """Make due at once what was delayed."""
        self._change(lambda: rows.reset(self._connection, [State.READY]))

    def expire_sent(self, now_ns: int) -> tuple[str, ...]:
        """Make ready again what no consumer acknowledged in time; return the ids."""
        return self._change(lambda: rows.expire(self._connection, now_ns))

    def reset_in_flight(self) -> int:
        """Make ready again what a lost session had not confirmed; return how many."""
        return self._change(lambda: rows.reset(self._connection, [State.INFLIGHT]))

    def next_session(self) -> int:
        """Count one session more, durably, and return its number."""
        return self._change(self._raise_session, "FULL")

    def stat(self) -> SpoolStat:
        """Count what the spool holds."""
        with self._mutex, plain_errors(self._path):
            return read_stat(self._connection, self._path)

    def rows(self, limit: int) -> list[SpoolRow]:
        """Return the oldest `limit` parcels, without bodies."""
        with self._mutex, plain_errors(self._path):
            return read_rows(self._connection, limit)

    def close(self) -> None:
        """Write the log back and let another process have the spool; again is harmless."""
        with self._mutex, plain_errors(self._path):
            self._connection.close()
            if self._lock_descriptor is not None:
                os.close(self._lock_descriptor)
                self._lock_descriptor = None

    def _begin(self) -> None:
        undone = (State.READY, State.INFLIGHT, State.SENT)
        self._change(lambda: rows.reset(self._connection, undone))
        self._ballast.restore(self._spare_bytes())

    @contextmanager
    def _transaction(self, synchronous: Literal["FULL", "NORMAL"]) -> Iterator[None]:
        """One transaction; `FULL` waits for the disk, `NORMAL` may be taken back by a power cut."""
        with self._mutex, plain_errors(self._path):
            self._connection.execute(f"PRAGMA synchronous = {synchronous}")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _change(
        self, change: Callable[[], T], synchronous: Literal["FULL", "NORMAL"] = "NORMAL"
    ) -> T:
        """Run what makes the spool smaller; on a full disk, once more without ballast."""
        try:
            with self._transaction(synchronous):
                return change()
        except SpoolFullError:
            if not self._ballast.release():
                raise
        with self._transaction(synchronous):
            return change()

    def _raise_session(self) -> int:
        row = self._connection.execute(
            "UPDATE meta SET value = value + 1 WHERE key = 'session' RETURNING value"
        )
        return int(row.fetchone()[0])

    def _spare_bytes(self) -> int:
        return free_bytes(self._path.parent) - self._limits.reserve_bytes

    def _keep_reserve(self, footprint: int) -> None:
        spare = self._spare_bytes()
        self._ballast.restore(spare)
        page = pragma(self._connection, "page_size")
        if spare + pragma(self._connection, "freelist_count") * page < footprint:
            raise SpoolFullError(
                f"the disk of spool {self._path} has no more than the reserve left",
                cure=f"free space, or lower spool.reserve_bytes ({self._limits.reserve_bytes})",
            )

    def _trimmed_log(self, footprint: int) -> int:
        """Empty the log if pages and log are over the limit; return what is left of it."""
        log = wal_bytes(self._path)
        if log and live_bytes(self._connection) + log + footprint > self._limits.max_bytes:
            with plain_errors(self._path):
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            log = wal_bytes(self._path)
        return log

    def _give_back_pages(self) -> None:
        with self._mutex, plain_errors(self._path):
            free = pragma(self._connection, "freelist_count")
            if free * pragma(self._connection, "page_size") > VACUUM_ABOVE_BYTES:
                # `execute` would stop after one page: the pragma steps, but gives no rows.
                self._connection.executescript(f"PRAGMA incremental_vacuum({VACUUM_PAGES})")
