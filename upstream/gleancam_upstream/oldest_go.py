"""A store of things with sizes: over its limit the oldest go."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

OVERHEAD_BYTES = 512
"""Counted for everything besides its size, so that tiny things are bounded too."""

T = TypeVar("T")


class OldestGo(Generic[T]):
    """Things by key, in bounded memory.

    Attributes:
        dropped: how many went because of the limit.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._things: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._limit_bytes = limit_bytes
        self._bytes = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._things)

    def put(self, key: str, thing: T, size_bytes: int) -> None:
        """Keep a thing, in place of an older one of its key."""
        self.take(key)
        self._things[key] = (thing, size_bytes + OVERHEAD_BYTES)
        self._bytes += size_bytes + OVERHEAD_BYTES
        while self._bytes > self._limit_bytes:
            self.take(next(iter(self._things)))
            self.dropped += 1

    def take(self, key: str) -> T | None:
        """Return a thing and keep it no longer; None when there is none of this key."""
        found = self._things.pop(key, None)
        if found is None:
            return None
        self._bytes -= found[1]
        return found[0]
