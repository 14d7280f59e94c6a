"""Which boxes overlap: the few pairs that matter, found without a table of all pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from gleancam_engines.voting.evidence import Float64Array

IndexArray: TypeAlias = npt.NDArray[np.intp]
Mask: TypeAlias = npt.NDArray[np.bool_]

_AT_ONCE = 1 << 18
"""Pairs looked at together: what bounds the memory."""

_BLOCK = 1 << 15
"""Pairs looked at together where boxes have many near ones: few fit into a cache."""

_FEW = 5
"""Boxes that may overlap one, on average, up to which it pays to look at each pair by itself."""

_ROUGH = 1e-4
"""Of an overlap: far more than the rounding errors of float32, in which most pairs are rejected."""

_SLACK = 1e-3
"""Steps by which a window is too long: far more than its own rounding errors."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of rows that overlap, in no order.

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

    def where(self, mask: Mask) -> Pairs:
        """Return those pairs that a `(P,)` mask holds."""
        return Pairs(self.first[mask], self.second[mask], self.iou[mask])

    def renumbered(self, rows: IndexArray) -> Pairs:
        """Return them with `rows[row]` for each row."""
        one, other = rows[self.first], rows[self.second]
        return Pairs(np.minimum(one, other), np.maximum(one, other), self.iou)

    def and_(self, others: Pairs) -> Pairs:
        """Return these pairs and, behind them, others."""
        return Pairs(
            np.concatenate([self.first, others.first]),
            np.concatenate([self.second, others.second]),
            np.concatenate([self.iou, others.iou]),
        )


_NONE = (np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))


def overlapping_pairs(xyxy: Float64Array, group: IndexArray, iou: float) -> Pairs:
    """Find the pairs of one group whose overlap is above `iou`, on continuous coordinates.

    Let a box of width w overlap one of width v by more than t, and x1 + t w / (1 + t) of it be no
    more than that of the other. Then these two are less than (1 - t) w / (1 + t) apart: t w < v,
    the width in common is more than t / (1 + t) of w + v, and both ends are linear in v. So once
    boxes are sorted by this number, the partners of a box lie in a window behind it. Nothing is
    held of pairs that do not overlap so much.

    Args:
        xyxy: `(N, 4)` float64 corners; none is empty.
        group: `(N,)` numbers from 0; boxes of different groups are no pair.
        iou: 0…1.
    """
    found = [
        _checked(xyxy, one, other, iou) for one, other in _batches(_sweep(xyxy, group, iou).near())
    ]
    first, second, overlap = (np.concatenate(part) for part in zip(_NONE, *found, strict=True))
    return Pairs(first, second, overlap)


def iou_of(xyxy: Float64Array, one: IndexArray, other: IndexArray) -> Float64Array:
    """Return `(P,)` overlaps of rows with other rows, on continuous coordinates."""
    a1, b1, a2, b2 = xyxy.take(one, axis=0).T
    c1, d1, c2, d2 = xyxy.take(other, axis=0).T
    width = np.maximum(np.minimum(a2, c2) - np.maximum(a1, c1), 0)
    height = np.maximum(np.minimum(b2, d2) - np.maximum(b1, d1), 0)
    common = width * height
    iou: Float64Array = common / ((a2 - a1) * (b2 - b1) + (c2 - c1) * (d2 - d1) - common)
    return iou


def runs(counts: IndexArray) -> IndexArray:
    """Return 0, 1, … `counts[0] - 1`, 0, 1, … `counts[1] - 1`, and so on."""
    ends = np.cumsum(counts)
    within: IndexArray = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)
    return within


def windows(starts: IndexArray, counts: IndexArray) -> Iterator[tuple[slice, IndexArray]]:
    """Yield slices of places, and the places in the windows of all in the slice, in turn.

    The window of place k is the `counts[k]` places from `starts[k]` on. A slice has a bounded
    number of places in its windows, or is a single one.
    """
    ends = np.cumsum(counts)
    begin = 0
    while begin < len(ends):
        before = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, before + _AT_ONCE, side="right")))
        some = slice(begin, end)
        yield some, np.repeat(starts[some], counts[some]) + runs(counts[some])
        begin = end


@dataclass(frozen=True, slots=True, eq=False)
class _Sweep:
    """Boxes by group, and from left to right within it.

    Attributes:
        order: `(N,)` rows in that order; all else is in that order, too.
        behind: `(N,)` how many of those behind a box are near enough to overlap it enough.
        table: `(5, N)` float32 corners x1, y1, x2, y2, and what the common area must exceed,
            together with that of the other.
        group: `(N,)`; no box is near enough to one of another group.
    """

    order: IndexArray
    behind: IndexArray
    table: npt.NDArray[np.float32]
    group: IndexArray

    def near(self) -> Iterator[tuple[IndexArray, IndexArray]]:
        """Yield rows and rows that overlap them enough or nearly so."""
        if self.behind.sum() <= _FEW * len(self.order):
            for some, places in windows(np.arange(1, len(self.order) + 1), self.behind):
                yield np.repeat(self.order[some], self.behind[some]), self.order[places]
        else:
            reach = int(self.behind.max())
            beyond = np.zeros((len(self.table), reach), np.float32)  # empty boxes
            behind = np.concatenate([self.table[:, 1:], beyond], axis=1)
            following = sliding_window_view(behind, reach, axis=1)
            boxes = max(_BLOCK // reach, 16)
            for begin in range(0, len(self.order), boxes):
                yield self._block(slice(begin, begin + boxes), following)

    def _block(
        self, some: slice, following: npt.NDArray[np.float32]
    ) -> tuple[IndexArray, IndexArray]:
        """Compare some boxes with those behind; `following` is `(5, N, K)`, the next K of each."""
        reach = int(self.behind[some].max())
        x1, y1, x2, y2, share = following[:, some, :reach]
        left, top, right, bottom, own_share = self.table[:, some, np.newaxis]
        common = np.minimum(x2, right)
        common -= np.maximum(x1, left)
        np.maximum(common, 0, out=common)
        height = np.minimum(y2, bottom)
        height -= np.maximum(y1, top)
        common *= height
        near = common > share + own_share
        last = min(some.stop - 1 + reach, len(self.order) - 1)
        if self.group[some.start] != self.group[last]:
            near &= np.arange(reach) < self.behind[some, np.newaxis]
        one, ahead = np.divmod(np.flatnonzero(near), max(reach, 1))  # far faster than in two axes
        one += some.start
        return self.order[one], self.order[one + ahead + 1]


def _sweep(xyxy: Float64Array, group: IndexArray, iou: float) -> _Sweep:
    """Sort boxes. Overlap above t: common area above t / (1 + t) of the sum of both areas."""
    left, right = xyxy[:, 0], xyxy[:, 2]
    width, part = right - left, iou / (1 + iou)
    key = group * (2 * (right.max(initial=0.0) + 1)) + left + part * width
    order = np.argsort(key, kind="stable")
    reach = key + width * ((1 - iou) / (1 + iou)) + _SLACK
    ends = np.searchsorted(key[order], reach[order])
    behind = np.maximum(ends - np.arange(1, len(order) + 1), 0)
    table = np.empty((5, len(order)), np.float32)
    table[:4] = x1, y1, x2, y2 = xyxy[order].T
    table[4] = (x2 - x1) * (y2 - y1) * (part * (1 - _ROUGH))
    return _Sweep(order, behind, table, group[order])


def _batches(
    blocks: Iterator[tuple[IndexArray, IndexArray]],
) -> Iterator[tuple[IndexArray, IndexArray]]:
    """Join blocks of pairs until they are many."""
    waiting: list[tuple[IndexArray, IndexArray]] = []
    count = 0
    for block in blocks:
        waiting.append(block)
        count += len(block[0])
        if count > _AT_ONCE:
            yield _joined(waiting)
            waiting, count = [], 0
    if waiting:
        yield _joined(waiting)


def _joined(blocks: list[tuple[IndexArray, IndexArray]]) -> tuple[IndexArray, IndexArray]:
    one, other = zip(*blocks, strict=True)
    return np.concatenate(one), np.concatenate(other)


def _checked(
    xyxy: Float64Array, one: IndexArray, other: IndexArray, iou: float
) -> tuple[IndexArray, IndexArray, Float64Array]:
    """Return those candidates that do overlap, the smaller row first, and by how much."""
    overlap = iou_of(xyxy, one, other)
    above = np.flatnonzero(overlap > iou)
    one, other = one[above], other[above]
    return np.minimum(one, other), np.maximum(one, other), overlap[above]
