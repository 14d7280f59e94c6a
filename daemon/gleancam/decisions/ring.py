"""Segments on disk that together never take more than so many bytes: the oldest make room."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path

from gleancam.decisions.format import FRAME_BYTES, framed, preamble
from gleancam.decisions.segments import segment_numbers, segment_path

SEGMENTS = 16
"""A full ring has about so many; one of them is given up at a time."""


class Ring:
    """Writes records behind each other, in a folder of its own.

    At no moment do the segments hold more than `max_bytes` together: before anything is written,
    the oldest are deleted. A write that fails, as on a full disk, leaves whole records behind, or
    begins a new segment where not even that can be had. Nothing is synced: what the kernel has not
    written when power fails is lost, which readers expect.

    Args:
        header: what every segment begins with, its epoch as JSON.

    Raises:
        OSError: the folder cannot be made, read or written.
    """

    def __init__(self, folder: Path, max_bytes: int, header: bytes) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._max_bytes = max_bytes
        self._header = preamble() + framed(header)
        self._sizes = deque(
            (number, segment_path(folder, number).stat().st_size)
            for number in segment_numbers(folder)
        )
        self._next = max((number for number, _ in self._sizes), default=0) + 1
        self._file: int | None = None
        self._make_room(0)

    @property
    def size_bytes(self) -> int:
        """What all segments hold together."""
        return sum(size for _, size in self._sizes)

    @property
    def most_bytes(self) -> int:
        """The longest body that fits into a segment."""
        return self._segment_bytes - len(self._header) - FRAME_BYTES

    def append(self, bodies: list[bytes]) -> int:
        """Write the first of these records, each at most `most_bytes` long, to the kernel.

        Returns:
            How many: as many as one segment takes, at least one of one or more.

        Raises:
            OSError: none of them could be written.
        """
        batch = self._fitting(bodies)
        self._append(batch)
        return len(batch)

    def close(self) -> None:
        """End the segment; the next write begins another."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @property
    def _segment_bytes(self) -> int:
        return self._max_bytes // SEGMENTS

    def _fitting(self, bodies: list[bytes]) -> list[bytes]:
        """As many as the open segment takes, or else a new one."""
        room = self._segment_bytes - (self._sizes[-1][1] if self._file is not None else 0)
        if self._file is None or len(bodies[0]) + FRAME_BYTES > room:
            self.close()
            room = self._segment_bytes - len(self._header)
        taken = 0
        for body in bodies:
            room -= len(body) + FRAME_BYTES
            if room < 0:
                break
            taken += 1
        return bodies[:taken]

    def _append(self, bodies: list[bytes]) -> None:
        content = b"".join(framed(body) for body in bodies)
        if self._file is None:
            self._make_room(len(self._header) + len(content))
            self._begin()
            content = self._header + content
        else:
            self._make_room(len(content))
        self._put(content)

    def _make_room(self, size: int) -> None:
        while self._sizes and self.size_bytes + size > self._max_bytes:
            number, _ = self._sizes[0]
            segment_path(self._folder, number).unlink(missing_ok=True)
            self._sizes.popleft()

    def _begin(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._file = os.open(segment_path(self._folder, self._next), flags, 0o640)
        self._sizes.append((self._next, 0))
        self._next += 1

    def _put(self, content: bytes) -> None:
        """Append all of `content`, or nothing."""
        assert self._file is not None  # noqa: S101 - `_append` opened it
        number, before = self._sizes[-1]
        view, written = memoryview(content), 0
        try:
            while written < len(view):
                written += os.write(self._file, view[written:])
        except OSError:
            self._take_back(before)
            raise
        self._sizes[-1] = (number, before + written)

    def _take_back(self, size: int) -> None:
        """Undo part of a write; leave the segment if it is of no use."""
        assert self._file is not None  # noqa: S101 - as above
        number, _ = self._sizes[-1]
        try:
            os.ftruncate(self._file, size)
        except OSError:
            size = os.fstat(self._file).st_size
            self._sizes[-1] = (number, size)
            self.close()
            return
        if not size:
            self.close()
            segment_path(self._folder, number).unlink(missing_ok=True)
            self._sizes.pop()
