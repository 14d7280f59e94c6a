"""A file of lines that only grows; a line is in it wholly or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from gleancam_upstream.durable import sync_directory

_BLOCK = 64 * 1024


class Journal:
    """Lines on disk. A line torn by a crash is cut off when the file is opened again.

    Attributes:
        name: the path of the file.
    """

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._file = path.open("ab+", buffering=0)
        self._end = self._cut_torn_line()
        sync_directory(path.parent)

    def append(self, lines: Iterable[bytes]) -> None:
        """Write lines (without line ends) and flush them to the disk; without lines, do nothing.

        Raises:
            OSError: nothing of this call is in the file.
        """
        block = b"".join(line + b"\n" for line in lines)
        if not block:
            return
        try:
            self._write(block)
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(self._end)
            raise
        self._end += len(block)

    def lines(self) -> Iterator[bytes]:
        """Yield every line, without its end."""
        with Path(self.name).open("rb") as file:
            yield from (line.removesuffix(b"\n") for line in file)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, block: bytes) -> None:
        rest = memoryview(block)
        while rest:
            rest = rest[self._file.write(rest) :]

    def _cut_torn_line(self) -> int:
        end = position = self._file.seek(0, os.SEEK_END)
        while position > 0:
            start = max(0, position - _BLOCK)
            self._file.seek(start)
            newline = self._file.read(position - start).rfind(b"\n")
            if newline >= 0:
                position = start + newline + 1
                break
            position = start
        if position != end:
            self._file.truncate(position)
        return position
