"""Whether memory and descriptors of processes that live through it all stay flat."""

from __future__ import annotations

from collections import defaultdict
from statistics import median

from soak.readings import Process, process

LEAST = 8
"""Readings of one process; fewer tell nothing."""
MORE_DESCRIPTORS = 6
"""A connection that is being made or closed."""
MORE_RSS_MB = 40.0


class Flat:
    """Readings of each process, by name and id: another process begins anew."""

    def __init__(self) -> None:
        self._read: defaultdict[tuple[str, int], list[Process]] = defaultdict(list)

    def note(self, name: str, pid: int) -> None:
        """Read a process now."""
        self._read[name, pid].append(process(pid))

    def grown(self) -> list[str]:
        """Return what grew from the second quarter of the readings to the last, in words."""
        return [word for (name, _), read in self._read.items() for word in _grown(name, read)]


def _grown(name: str, read: list[Process]) -> list[str]:
    if len(read) < LEAST:
        return []
    quarter = len(read) // 4
    before, after = read[quarter : 2 * quarter], read[-quarter:]
    words = []
    descriptors = [median(one.descriptors for one in part) for part in (before, after)]
    if descriptors[1] > descriptors[0] + MORE_DESCRIPTORS:
        words.append(f"descriptors of the {name} grew from {descriptors[0]} to {descriptors[1]}")
    memory = [median(one.rss_mb for one in part) for part in (before, after)]
    if memory[1] > memory[0] + MORE_RSS_MB:
        words.append(f"memory of the {name} grew from {memory[0]:.0f} to {memory[1]:.0f} MB")
    return words
