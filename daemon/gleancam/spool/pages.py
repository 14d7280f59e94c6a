"""A database's pages, read without SQLite: as the file has them, or newer from its log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from gleancam.spool.wal import read_log

PAGE_BYTES = 4096
"""SQLite's default, which every spool has: the header that states it may be damaged."""
LEAF = 0x0D
"""First byte of a page that holds a table's rows."""


class Pages:
    """Pages are numbered from 1, as SQLite does. Holds no more than one page at a time.

    Attributes:
        count: of pages.
        log_damaged: whether SQLite would pass over something committed in the log.
    """

    def __init__(self, database: Path, log: Path) -> None:
        """Open both files; the log may be absent.

        Raises:
            OSError: one cannot be read.
        """
        found = read_log(log, PAGE_BYTES)
        self._log_pages = found.pages
        self.log_damaged = found.damaged
        self._opened = ExitStack()
        with self._opened:
            self._file = self._opened.enter_context(database.open("rb"))
            self._log = self._opened.enter_context(log.open("rb")) if self._log_pages else None
            self._opened = self._opened.pop_all()
        in_file = -(-database.stat().st_size // PAGE_BYTES)
        self.count = max(in_file, max(self._log_pages, default=0))

    def close(self) -> None:
        """Close both files."""
        self._opened.close()

    def page(self, number: int) -> bytes:
        """Return one page, padded with zeros where the file ends; all zeros beyond it."""
        offset = self._log_pages.get(number)
        file = self._file if offset is None or self._log is None else self._log
        file.seek((number - 1) * PAGE_BYTES if offset is None else offset)
        return file.read(PAGE_BYTES).ljust(PAGE_BYTES, b"\0")

    def leaves(self) -> Iterator[tuple[int, bytes]]:
        """Return number and content of every page of rows but the first, which is the schema's."""
        for number in range(2, self.count + 1):
            if (content := self.page(number))[0] == LEAF:
                yield number, content
