"""Which boxes overlap: the few pairs that matter, found without a table of all pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam_engines.voting.evidence import Float64Array

IndexArray = npt.NDArray[np.intp]

_AT_ONCE = 1 << 18
"""Candidates looked at together: what bounds the memory, and about what a cache holds."""

_SLACK = 1e-3
"""Steps by which a window is too long: far more than its own rounding errors."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of rows that overlap, ordered by `first`, then by `second`.

    Attributes:
        first: `(P,)` row of one.
        second: `(P,)` row of the other, larger than `first`.
        iou: `(P,)` float64 intersection over union.
    """

    first: IndexArray
    second: IndexArray
    iou: Float64Array

    def __len__(self) -> int:
        return len(self.first)

    def where(self, mask: npt.NDArray[np.bool_]) -> Pairs:
        """Return those pairs that a `(P,)` mask holds."""
        return Pairs(self.first[mask], self.second[mask], self.iou[mask])


def overlapping_pairs(xyxy: Float64Array, group: IndexArray, iou: float) -> Pairs:
    """Find the pairs of one group whose overlap is above `iou`, on continuous coordinates.

    Two boxes that overlap by more than t share more than t of the width of each; so once boxes are
    sorted by their left sides, the partners of a box lie in a window behind it. The same holds
    for heights; the axis with the shorter windows is taken. Memory: the pairs that are found,
    and a constant.

    Args:
        xyxy: `(N, 4)` float64 corners; none is empty.
        group: `(N,)` numbers from 0; boxes of different groups are no pair.
        iou: 0…1.
    """
    sweep = min((_sweep(xyxy, group, iou, axis) for axis in (0, 1)), key=lambda one: one[2].sum())
    found = [_checked(xyxy, *some, iou) for some in candidates(*sweep)]
    first = np.concatenate([one for one, _, _ in found] or [np.empty(0, np.intp)])
    second = np.concatenate([other for _, other, _ in found] or [np.empty(0, np.intp)])
    overlap = np.concatenate([each for _, _, each in found] or [np.empty(0)])
    order = np.argsort(first * len(xyxy) + second)
    return Pairs(first[order], second[order], overlap[order])


def runs(counts: IndexArray) -> IndexArray:
    """Return 0, 1, … `counts[0] - 1`, 0, 1, … `counts[1] - 1`, and so on."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)


def _sweep(
    xyxy: Float64Array, group: IndexArray, iou: float, axis: int
) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Return the rows by position on the axis, where the window of each starts, and its length."""
    low, high = xyxy[:, axis], xyxy[:, axis + 2]
    apart = group * (2 * (high.max(initial=0.0) + 1))
    position = apart + low
    order = np.argsort(position, kind="stable")
    reach = (apart + high - iou * (high - low) + _SLACK)[order]
    starts = np.arange(1, len(order) + 1)
    ends = np.searchsorted(position[order], reach, side="right")
    return order, starts, np.maximum(ends - starts, 0)


def candidates(
    order: IndexArray, starts: IndexArray, counts: IndexArray
) -> Iterator[tuple[IndexArray, IndexArray]]:
    """Yield rows and their partners, a bounded number at once (of one row, all).

    The partners of `order[k]` are the `counts[k]` rows from `order[starts[k]]` on.
    """
    ends = np.cumsum(counts)
    begin = 0
    while begin < len(order):
        before = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, before + _AT_ONCE, side="right")))
        some = counts[begin:end]
        partners = np.repeat(starts[begin:end], some) + runs(some)
        yield np.repeat(order[begin:end], some), order[partners]
        begin = end


def iou_of(xyxy: Float64Array, one: IndexArray, other: IndexArray) -> Float64Array:
    """Return `(P,)` overlaps of rows with other rows, on continuous coordinates."""
    x1, y1, x2, y2 = np.ascontiguousarray(xyxy.T)
    width = np.minimum(x2[one], x2[other]) - np.maximum(x1[one], x1[other])
    height = np.minimum(y2[one], y2[other]) - np.maximum(y1[one], y1[other])
    area = (x2 - x1) * (y2 - y1)
    common = np.maximum(width, 0) * np.maximum(height, 0)
    return common / (area[one] + area[other] - common)


def _checked(
    xyxy: Float64Array, one: IndexArray, other: IndexArray, iou: float
) -> tuple[IndexArray, IndexArray, Float64Array]:
    """Return those candidates that do overlap, the smaller row first, and by how much."""
    y1, y2 = xyxy[:, 1], xyxy[:, 3]
    near = np.flatnonzero((y1[one] < y2[other]) & (y1[other] < y2[one]))
    one, other = one[near], other[near]
    overlap = iou_of(xyxy, one, other)
    above = np.flatnonzero(overlap > iou)
    one, other = one[above], other[above]
    return np.minimum(one, other), np.maximum(one, other), overlap[above]
