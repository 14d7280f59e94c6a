"""One connection behind one lock: transactions, a full disk, and damage that must be remembered."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeVar

from gleancam.errors import SpoolDamagedError, SpoolFullError
from gleancam.spool.damage import suspect
from gleancam.spool.disk import Ballast, plain_errors

T = TypeVar("T")

Synchronous = Literal["FULL", "NORMAL"]
"""`FULL` waits for the disk; `NORMAL` survives the process, but not a power cut."""


class Store:
    """Any thread may call anything.

    Attributes:
        connection: to be used inside `reading` or `transaction`.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        self.ballast = Ballast(path)
        self._mutex = threading.RLock()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Have the connection alone.

        Raises:
            SpoolFullError: the disk is full.
            SpoolDamagedError: the file is damaged; the next start will see to it.
            SpoolError: the file cannot be used.
        """
        with self._mutex:
            try:
                with plain_errors(self.path):
                    yield self.connection
            except SpoolDamagedError as error:
                suspect(self.path, str(error))
                raise

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Have the connection alone, for reading many rows; raises as `reading`.

        Between statements of one transaction SQLite keeps its buffers. Without one, memory goes
        back to the system after every picture and comes again with the next, page by page: reading
        took twice as long.
        """
        with self.reading() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("COMMIT")

    @contextmanager
    def transaction(self, synchronous: Synchronous) -> Iterator[sqlite3.Connection]:
        """Have the connection alone, for one transaction; raises as `reading`."""
        with self.reading() as connection:
            connection.execute(f"PRAGMA synchronous = {synchronous}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def change(
        self, change: Callable[[sqlite3.Connection], T], synchronous: Synchronous = "NORMAL"
    ) -> T:
        """Run what makes the spool smaller; on a full disk, once more without ballast."""
        try:
            with self.transaction(synchronous) as connection:
                return change(connection)
        except SpoolFullError:
            if not self.ballast.release():
                raise
        with self.transaction(synchronous) as connection:
            return change(connection)
