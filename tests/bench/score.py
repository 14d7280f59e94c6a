"""How well a replay did, measured against ground truth. Pure; frames are 0-based numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Stretch:
    """Frames `start` to `end`, both included."""

    start: int
    end: int

    def holds(self, frame: int) -> bool:
        return self.start <= frame <= self.end

    def overlaps(self, other: Stretch) -> bool:
        return self.start <= other.end and other.start <= self.end


@dataclass(frozen=True)
class CutScore:
    hits: int
    extras: int
    missed: int

    @property
    def f1(self) -> float:
        """2PR / (P + R); 1 when there was nothing to find and nothing was found."""
        total = 2 * self.hits + self.extras + self.missed
        return 2 * self.hits / total if total else 1.0


def score_cuts(found: Collection[int], truth: Collection[int], tolerance: int = 2) -> CutScore:
    """Match each true cut with at most one found cut within `tolerance` frames.

    Both in order, the earliest that fits first: with windows of one width no matching is larger.
    """
    left = sorted(found)
    hits = 0
    for true in sorted(truth):
        fits = next((cut for cut in left if abs(cut - true) <= tolerance), None)
        if fits is not None:
            hits += 1
            left.remove(fits)
    return CutScore(hits, extras=len(found) - hits, missed=len(truth) - hits)


def stretches_found(found: Collection[Stretch], truth: Collection[Stretch]) -> int:
    """How many true stretches overlap a found one."""
    return sum(any(one.overlaps(true) for one in found) for true in truth)


def stretches_extra(found: Collection[Stretch], truth: Collection[Stretch]) -> int:
    """How many found stretches overlap no true one."""
    return sum(not any(one.overlaps(true) for true in truth) for one in found)


def kept_within(kept: Iterable[int], stretches: Collection[Stretch]) -> list[int]:
    """Kept frames that lie in any of the stretches."""
    return [frame for frame in kept if any(stretch.holds(frame) for stretch in stretches)]


def covered(kept: Collection[int], stretches: Collection[Stretch]) -> int:
    """How many stretches hold a kept frame."""
    return sum(any(stretch.holds(frame) for frame in kept) for stretch in stretches)


def most_within(frames: Iterable[int], window: int) -> int:
    """The most frames in any `window` consecutive frame numbers."""
    ordered = sorted(frames)
    return max(
        (sum(first <= frame < first + window for frame in ordered) for first in ordered), default=0
    )
