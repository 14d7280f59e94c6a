"""Fusion of boxes far apart: the next box of each connected set, all at once."""

from __future__ import annotations

import numpy as np

from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.pairs import IndexArray, Mask, Pairs, runs

_CROWD = 12
"""Boxes in a wave below which numbers of Python are faster."""


class Waves:
    """Clusters as they grow.

    Attributes:
        cluster: `(N,)` row of the first box of each box's cluster.
        fused: `(4, N)` of the first box of a cluster, its fused box; of others, how that was
            right after they joined.
        sums: `(4, N)` of the first box of a cluster, the sum of strength by corners.
        total: `(N,)` likewise, the sum of strength.
        left: `(N,)` boxes whose turn has not come.
        done: none has partners.
    """

    def __init__(self, xyxy: Float64Array, strength: Float64Array, pairs: Pairs) -> None:
        count = len(xyxy)
        self.cluster: IndexArray = np.arange(count)
        self.fused = np.ascontiguousarray(xyxy.T)
        self.sums: Float64Array = self.fused * strength
        self.total = strength.copy()
        self._sides = np.ascontiguousarray(xyxy.T)
        self._area = _areas(self._sides)
        self._turn = _places(_connected(pairs, count))
        order = np.argsort(self._turn[pairs.second] * count + pairs.second)
        self._first, self._second = pairs.first[order], pairs.second[order]
        starts = _starts(self._second)
        self._rows, self._sizes = self._second[starts], np.diff(starts, append=len(order))
        self._starts = np.append(starts, len(order))
        turns = self._turn[self._rows]
        last = int(turns.max(initial=0))
        self._bounds: list[int] = np.searchsorted(turns, np.arange(last + 2)).tolist()
        self._next = 1

    @property
    def done(self) -> bool:
        """Say whether nobody is left who could join anybody."""
        return self._next >= len(self._bounds) - 1

    @property
    def left(self) -> Mask:
        """Say of each box whether its turn is to come."""
        to_come: Mask = self._turn >= self._next
        return to_come

    def grown(self) -> set[int]:
        """Return the boxes in clusters of more than one."""
        joined = np.flatnonzero(self.cluster != np.arange(len(self.cluster)))
        return {*joined.tolist(), *self.cluster[joined].tolist()}

    def run(self, iou: float) -> None:
        """Let waves join until one is small."""
        while not self.done:
            some = slice(self._bounds[self._next], self._bounds[self._next + 1])
            if some.stop - some.start < _CROWD:
                return
            self._join(some, iou)
            self._next += 1

    def _join(self, some: slice, iou: float) -> None:
        """Let each row of a wave join the cluster it overlaps most."""
        rows, sizes, starts = self._rows[some], self._sizes[some], self._starts[some]
        pairs = slice(starts[0], self._starts[some.stop])
        starts = starts - starts[0]
        clusters = self.cluster[self._first[pairs]]
        overlap = self._overlap(self._second[pairs], clusters)
        most = np.maximum.reduceat(overlap, starts)
        equal = overlap == np.repeat(most, sizes)
        best = np.minimum.reduceat(np.where(equal, clusters, len(self.cluster)), starts)
        joins = np.flatnonzero(most > iou)
        row, into = rows[joins], best[joins]
        self.cluster[row] = into
        self.total[into] = strong = self.total[into] + self.total[row]
        self.sums[:, into] = sums = self.sums.take(into, axis=1) + self.sums.take(row, axis=1)
        if not strong.all():  # nothing moves what has no strength
            sums = np.where(strong > 0, sums, self.fused.take(into, axis=1))
            strong = np.where(strong > 0, strong, 1.0)
        self.fused[:, into] = self.fused[:, row] = sums / strong

    def _overlap(self, rows: IndexArray, clusters: IndexArray) -> Float64Array:
        """Return `(P,)` overlaps of rows with the fused boxes of clusters."""
        box, fused = self._sides.take(rows, axis=1), self.fused.take(clusters, axis=1)
        low, high = np.maximum(box[:2], fused[:2]), np.minimum(box[2:], fused[2:])
        width, height = np.maximum(high - low, 0)
        common = width * height
        overlap: Float64Array = common / (self._area[rows] + _areas(fused) - common)
        return overlap


def _areas(sides: Float64Array) -> Float64Array:
    """Return the `(P,)` areas of `(4, P)` boxes."""
    x1, y1, x2, y2 = sides
    areas: Float64Array = (x2 - x1) * (y2 - y1)
    return areas


def _connected(pairs: Pairs, count: int) -> IndexArray:
    """Return for each row the least row that pairs connect it with."""
    least = np.arange(count)
    while True:
        before = least.copy()
        np.minimum.at(least, pairs.second, least[pairs.first])
        np.minimum.at(least, pairs.first, least[pairs.second])
        least = least[least]
        if np.array_equal(least, before):
            return least


def _places(connected: IndexArray) -> IndexArray:
    """Number the rows that are connected, from 0 up."""
    order = np.argsort(connected, kind="stable")
    places = np.empty(len(connected), np.intp)
    sizes = np.bincount(connected)
    places[order] = runs(sizes[sizes > 0])
    return places


def _starts(ascending: IndexArray) -> IndexArray:
    """Return where each run of equal numbers begins."""
    return np.flatnonzero(np.diff(ascending, prepend=-1))
