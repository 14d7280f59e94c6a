"""The ids that are safe already, remembered in bounded memory and, if wanted, on disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from gleancam_upstream.durable import write_durably
from gleancam_upstream.journal import Journal

CAPACITY = 500_000
"""Some months of one site; devices must not send again what is older than their spool's limit."""


class Seen(Protocol):
    """A memory of parcel ids."""

    def __contains__(self, parcel_id: str) -> bool:
        """Return whether the parcel is safe already."""

    def add(self, parcel_ids: Iterable[str]) -> None:
        """Remember; the newest `capacity` ids are kept."""


class SeenIds:
    """Ids in memory: for a consumer whose own storage tells it at start what it has."""

    def __init__(self, ids: Iterable[str] = (), capacity: int = CAPACITY) -> None:
        self._ids: dict[str, None] = {}
        self._capacity = capacity
        self.add(ids)

    def __contains__(self, parcel_id: str) -> bool:
        return parcel_id in self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, parcel_ids: Iterable[str]) -> None:
        """Remember; the oldest go when there are more than `capacity`."""
        for parcel_id in parcel_ids:
            self._ids[parcel_id] = None
            if len(self._ids) > self._capacity:
                del self._ids[next(iter(self._ids))]

    def ids(self) -> tuple[str, ...]:
        """Return all, oldest first."""
        return tuple(self._ids)


class SeenFile:
    """Ids in a file of lines, on disk before `add` returns; rewritten when it has doubled."""

    def __init__(self, path: Path, capacity: int = CAPACITY) -> None:
        self._path, self._capacity = path, capacity
        self._memory = SeenIds(capacity=capacity)
        self._journal = Journal(path)
        self._lines = 0
        for line in self._journal.lines():
            self._memory.add((line.decode("ascii", "replace"),))
            self._lines += 1

    def __contains__(self, parcel_id: str) -> bool:
        return parcel_id in self._memory

    def add(self, parcel_ids: Iterable[str]) -> None:
        """Remember durably.

        Raises:
            OSError: the file could not be written; nothing was remembered.
        """
        new = tuple(parcel_ids)
        self._journal.append([parcel_id.encode("ascii") for parcel_id in new])
        self._memory.add(new)
        self._lines += len(new)
        if self._lines > 2 * self._capacity:
            self._rewrite()

    def close(self) -> None:
        """Close the file."""
        self._journal.close()

    def _rewrite(self) -> None:
        ids = self._memory.ids()
        self._journal.close()
        write_durably(self._path, "".join(f"{one}\n" for one in ids).encode("ascii"))
        self._journal = Journal(self._path)
        self._lines = len(ids)
