"""Boxes join clusters in turn: many at once as long as they cannot meet, then one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import numpy as np

from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.pairs import IndexArray, Pairs
from gleancam_engines.voting.waves import Waves

Columns: TypeAlias = tuple[list[float], list[float], list[float], list[float]]
"""x1, y1, x2, y2 of all boxes."""


def in_turn(
    xyxy: Float64Array, strength: Float64Array, close: Pairs, others: Pairs, iou: float
) -> tuple[IndexArray, Float64Array]:
    """Fuse boxes, strongest first, each looking at the clusters of those it is paired with.

    Boxes that no chain of pairs connects do not meet: of each set of connected ones the next is
    taken, all of these at once (`Waves`), until only few sets have any left. The rest of those
    goes one by one, since what a box does depends on all that came before: numbers of Python are
    faster there than arrays with two elements.

    Args:
        xyxy: `(N, 4)`.
        strength: `(N,)`.
        close: pairs that overlap by more than `iou`; the later may join the cluster of the other.
        others: pairs of which it may so only if something else joined that cluster before.
        iou: 0…1.

    Returns:
        `(N,)` row of the first box of each cluster; `(N, 4)` for a box that joined a cluster, how
        its fused box was right after.
    """
    concerned = np.zeros(len(xyxy), bool)
    for pairs in (close, others):
        concerned[pairs.first] = concerned[pairs.second] = True
    rows = np.flatnonzero(concerned)
    place = np.cumsum(concerned) - 1
    cluster, fused = np.arange(len(xyxy)), xyxy.copy()
    found, fused[rows] = _all_concerned(
        xyxy[rows], strength[rows], close.renumbered(place), others.renumbered(place), iou
    )
    cluster[rows] = rows[found]
    return cluster, fused


def _all_concerned(
    xyxy: Float64Array, strength: Float64Array, close: Pairs, others: Pairs, iou: float
) -> tuple[IndexArray, Float64Array]:
    """Do so for boxes all of which are in a pair."""
    waves = Waves(xyxy, strength, close.and_(others))
    waves.run(iou)
    if waves.done:
        return waves.cluster, waves.fused.T
    left = [pairs.where(waves.left[pairs.second]) for pairs in (close, others)]
    return _one_by_one(xyxy, waves, left[0], left[1], iou)


def _one_by_one(
    xyxy: Float64Array, waves: Waves, close: Pairs, others: Pairs, iou: float
) -> tuple[IndexArray, Float64Array]:
    """Go on after the waves."""
    sides, fused_sides = _columns(xyxy.T), _columns(waves.fused)
    u1, v1, u2, v2 = fused_sides
    a1, b1, a2, b2 = _columns(waves.sums)
    total: list[float] = waves.total.tolist()
    cluster: list[int] = waves.cluster.tolist()
    grown = waves.grown()
    for row, near, far in _with_partners(close, others):
        around = {cluster[each] for each in near}
        if far:
            around.update([cluster[each] for each in grown.intersection(far)])
        best = _most_overlapping(row, sides, around, fused_sides, iou) if around else -1
        if best < 0:
            continue
        cluster[row] = best
        grown.add(row)
        grown.add(best)
        total[best] = strong = total[best] + total[row]
        a1[best] += a1[row]
        b1[best] += b1[row]
        a2[best] += a2[row]
        b2[best] += b2[row]
        if strong > 0:
            u1[best], v1[best] = a1[best] / strong, b1[best] / strong
            u2[best], v2[best] = a2[best] / strong, b2[best] / strong
        # Nobody looks at those of a row that is in another's cluster: they say how that was then.
        u1[row], v1[row], u2[row], v2[row] = u1[best], v1[best], u2[best], v2[best]
    return np.array(cluster, np.intp), np.array(fused_sides).T


def _columns(sides: Float64Array) -> Columns:
    """Return `(4, N)` numbers in four long lists: short ones would call for garbage collection."""
    x1, y1, x2, y2 = sides.tolist()
    return x1, y1, x2, y2


def _with_partners(close: Pairs, others: Pairs) -> Iterator[tuple[int, list[int], list[int]]]:
    """Yield rows, ascending, each with the earlier rows it is paired with in one and the other."""
    rows = np.flatnonzero(np.bincount(np.concatenate([close.second, others.second])))
    return zip(rows.tolist(), _earlier(close, rows), _earlier(others, rows), strict=True)


def _earlier(pairs: Pairs, rows: IndexArray) -> Iterator[list[int]]:
    """Yield for each of these rows the earlier rows it is paired with."""
    order = np.argsort(pairs.second, kind="stable")
    partners: list[int] = pairs.first[order].tolist()
    begins, ends = (
        np.searchsorted(pairs.second[order], rows, side).tolist() for side in ("left", "right")
    )
    return map(partners.__getitem__, map(slice, begins, ends))


def _most_overlapping(
    row: int, sides: Columns, clusters: Iterable[int], fused_sides: Columns, iou: float
) -> int:
    """Return the cluster whose fused box a box overlaps most, or -1; of equal ones the first."""
    xs, ys, xe, ye = sides
    x1, y1, x2, y2 = xs[row], ys[row], xe[row], ye[row]
    u1, v1, u2, v2 = fused_sides
    area = (x2 - x1) * (y2 - y1)
    best, most = -1, iou
    for each in clusters:
        left, top, right, bottom = u1[each], v1[each], u2[each], v2[each]
        # min() and max() of two numbers take as long again as all of this.
        width = (x2 if x2 < right else right) - (x1 if x1 > left else left)  # noqa: FURB136
        height = (y2 if y2 < bottom else bottom) - (y1 if y1 > top else top)  # noqa: FURB136
        if width > 0 and height > 0:
            common = width * height
            overlap = common / (area + (right - left) * (bottom - top) - common)
            if overlap > most or (overlap == most and each < best):
                best, most = each, overlap
    return best
