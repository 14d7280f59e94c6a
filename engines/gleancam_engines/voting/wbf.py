"""Weighted boxes fusion: a box joins the fused box that it overlaps most, and moves it.

Solovyev, Wang and Gabruseva, "Weighted boxes fusion: Ensembling boxes from different object
detection models", Image and Vision Computing 107 (2021), section 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.pairs import IndexArray, Pairs, iou_of, overlapping_pairs

_ROUNDING = 1e-9
"""Of an overlap: far more than the rounding errors of one."""

Columns: TypeAlias = tuple[list[float], list[float], list[float], list[float]]
"""x1, y1, x2, y2 of all boxes."""


def fused(
    xyxy: Float64Array, strength: Float64Array, class_number: IndexArray, iou: float
) -> IndexArray:
    """Return the `(N,)` row of the first box of the cluster that each box is in.

    Box by box: it joins the cluster of its class whose fused box (the mean of its boxes so far,
    by strength) it overlaps most, if by more than `iou` (of equal ones, the first); else it
    starts one. A cluster without strength stays put.

    To know which clusters are worth a look, boxes that overlap by `near` or less are left out
    beforehand. That is a guess, since fused boxes move, but one that is checked: see `_unproven`.
    Where a cluster was missed, it is looked at as well, and all is done again. So the answer is
    that of the definition.

    Args:
        xyxy: `(N, 4)` float64 corners, strongest first; none is empty.
        strength: `(N,)` float64, weight by score, from 0 up.
        class_number: `(N,)` from 0.
        iou: 0…1.
    """
    near = max(2 * iou - 1, iou / 2)
    pairs = overlapping_pairs(xyxy, class_number, near)
    above = pairs.iou > iou
    close, others = pairs.where(above), pairs.where(~above)
    while True:
        course = _in_turn(xyxy, strength, close, others, iou)
        doubtful = _unproven(xyxy, course, iou - near)
        missed = _missed(xyxy, class_number, doubtful, (close, others), iou)
        if not len(missed):
            return course.cluster
        others = others.and_(missed)


@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    """How fusion went.

    Attributes:
        cluster: `(N,)` row of the first box of the cluster that each box is in.
        moved: `(J,)` rows that joined a cluster, ascending.
        fused: `(J, 4)` the fused box right after.
    """

    cluster: IndexArray
    moved: IndexArray
    fused: Float64Array

    def at(self, moves: IndexArray) -> _Course:
        """Return the course with some of its moves only."""
        return _Course(self.cluster, self.moved[moves], self.fused[moves])


def _unproven(xyxy: Float64Array, course: _Course, margin: float) -> _Course:
    """Return those moves after which a box could overlap the fused box unseen.

    1 - IoU is a metric. A box that was left out is farther than 1 - near from every box of the
    cluster. If one of them is within iou - near of the fused box, the box that was left out is
    farther than 1 - iou from the fused box, and does not join it. So it is usually enough to look
    at the box that moved it, or at the first one.
    """
    fused_at = np.arange(len(course.moved))
    both = np.concatenate([course.fused, xyxy])
    close = np.zeros(len(course.moved), bool)
    for witness in (course.moved, course.cluster[course.moved]):
        close |= iou_of(both, fused_at, len(course.moved) + witness) > 1 - margin + _ROUNDING
    return course.at(np.flatnonzero(~close))


def _in_turn(
    xyxy: Float64Array, strength: Float64Array, close: Pairs, others: Pairs, iou: float
) -> _Course:
    """Fuse boxes one after the other, looking at the clusters of those they are paired with.

    A box may join that of a `close` one, and that of another only if something else did before.
    A loop, since what a box does depends on all that came before. Most boxes of a frame have few
    near them: numbers of Python are faster here than arrays with two elements.
    """
    sides = _columns(xyxy)
    u1, v1, u2, v2 = fused_sides = _columns(xyxy)
    a1, b1, a2, b2 = _columns(xyxy * strength[:, np.newaxis])
    total: list[float] = strength.tolist()
    cluster = list(range(len(xyxy)))
    grown: set[int] = set()
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
    moved = np.flatnonzero(np.array(cluster) != np.arange(len(cluster)))
    return _Course(np.array(cluster, np.intp), moved, np.array(fused_sides).T[moved])


def _columns(xyxy: Float64Array) -> Columns:
    """Return numbers in four long lists: thousands of short ones would call for garbage collection."""
    x1, y1, x2, y2 = xyxy.T.tolist()
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


def _missed(
    xyxy: Float64Array,
    class_number: IndexArray,
    course: _Course,
    seen: tuple[Pairs, Pairs],
    iou: float,
) -> Pairs:
    """Return (row that made a fused box, later row that overlaps it but did not look at it)."""
    moved, count = course.moved, len(course.moved)
    if not count:
        return Pairs(moved, moved, np.empty(0))
    pairs = overlapping_pairs(
        np.concatenate([course.fused, xyxy]),
        np.concatenate([class_number[moved], class_number]),
        iou,
    )
    across = (pairs.first < count) & (pairs.second >= count)
    maker, row = moved[pairs.first[across]], pairs.second[across] - count
    live = (maker < row) & (row <= _replaced(course.cluster)[maker])
    maker, row, overlap = maker[live], row[live], pairs.iou[across][live]
    looked = [course.cluster[each.first] * len(xyxy) + each.second for each in seen]
    new = ~np.isin(course.cluster[maker] * len(xyxy) + row, np.concatenate(looked))
    return Pairs(maker[new], row[new], overlap[new])


def _replaced(cluster: IndexArray) -> IndexArray:
    """Return for each row the next row of its cluster, which moves the fused box; or N."""
    order = np.argsort(cluster, kind="stable")
    following = np.full(len(cluster), len(cluster), np.intp)
    same = cluster[order][1:] == cluster[order][:-1]
    following[order[:-1][same]] = order[1:][same]
    return following
