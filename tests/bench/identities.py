"""How many of the people in a video a few of its frames show. Pure; frames are 0-based."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

Boxes: TypeAlias = Mapping[int, frozenset[int]]
"""The identities that the ground truth has boxes of, for each frame that has any."""

_FRAME, _IDENTITY, _COUNTS = 0, 1, 6


def read_mot(text: str) -> Boxes:
    """Read MOTChallenge's ground truth, whose frames count from 1 and whose seventh column is 0
    for boxes that do not count.
    """
    boxes: dict[int, set[int]] = {}
    for line in text.splitlines():
        columns = line.split(",")
        if float(columns[_COUNTS]) != 0:
            boxes.setdefault(int(columns[_FRAME]) - 1, set()).add(int(columns[_IDENTITY]))
    return {frame: frozenset(seen) for frame, seen in boxes.items()}


def identities(kept: Iterable[int], boxes: Boxes) -> int:
    """Count the distinct identities to be seen in any of the frames."""
    return len(frozenset[int]().union(*(boxes.get(frame, frozenset()) for frame in kept)))


def oracle(boxes: Boxes, budget: int) -> list[int]:
    """Choose frames greedily by the identities they add, the earliest of equals.

    Knows the ground truth; within 1 - 1/e of the best choice (Nemhauser, Wolsey, Fisher 1978).
    Gives fewer than `budget` when nothing can be added.
    """
    chosen: list[int] = []
    seen: frozenset[int] = frozenset()
    while len(chosen) < budget:
        best = max(sorted(boxes), key=lambda frame: len(boxes[frame] - seen), default=None)
        if best is None or not boxes[best] - seen:
            return chosen
        chosen.append(best)
        seen |= boxes[best]
    return chosen


def gap_closed(found: float, plain: float, best: float) -> float | None:
    """Say which share of the way from `plain` to `best` was gone; None when there is no gap."""
    return (found - plain) / (best - plain) if best > plain else None
