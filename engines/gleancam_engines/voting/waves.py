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
        self._turn = _places(_connected(pairs, count))
        order = np.lexsort((pairs.second, self._turn[pairs.second]))
        self._first, self._second = pairs.first[order], pairs.second[order]
        turns = self._turn[self._second]
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
            starts = _starts(self._second[some])
            if len(starts) < _CROWD:
                return
            self._join(self._first[some], self._second[some], starts, iou)
            self._next += 1

    def _join(self, first: IndexArray, second: IndexArray, starts: IndexArray, iou: float) -> None:
        """Let each of `second`, in runs from `starts`, join the cluster it overlaps most."""
        clusters = self.cluster[first]
        overlap = _overlap(self._sides[:, second], self.fused[:, clusters])
        most = np.maximum.reduceat(overlap, starts)
        equal = overlap == np.repeat(most, np.diff(starts, append=len(second)))
        best = np.minimum.reduceat(np.where(equal, clusters, len(self.cluster)), starts)
        joins = np.flatnonzero(most > iou)
        row, into = second[starts[joins]], best[joins]
        self.cluster[row] = into
        self.sums[:, into] += self.sums[:, row]
        self.total[into] += self.total[row]
        strong = self.total[into]
        moved = np.where(strong > 0, self.sums[:, into], self.fused[:, into])
        self.fused[:, into] = self.fused[:, row] = moved / np.where(strong > 0, strong, 1.0)


def _overlap(one: Float64Array, other: Float64Array) -> Float64Array:
    """Return `(P,)` overlaps of `(4, P)` boxes."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    width, height = np.maximum(high - low, 0)
    common = width * height
    areas = np.prod(one[2:] - one[:2], axis=0) + np.prod(other[2:] - other[:2], axis=0)
    overlap: Float64Array = common / (areas - common)
    return overlap


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
    places[order] = runs(np.unique(connected, return_counts=True)[1])
    return places


def _starts(ascending: IndexArray) -> IndexArray:
    """Return where each run of equal numbers begins."""
    return np.flatnonzero(np.diff(ascending, prepend=-1))
