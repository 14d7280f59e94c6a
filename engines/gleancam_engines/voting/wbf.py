"""Weighted boxes fusion: a box joins the fused box that it overlaps most, and moves it.

Solovyev, Wang and Gabruseva, "Weighted boxes fusion: Ensembling boxes from different object
detection models", Image and Vision Computing 107 (2021), section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.pairs import IndexArray, Pairs, overlapping_pairs


def fused(
    xyxy: Float64Array, strength: Float64Array, class_number: IndexArray, iou: float
) -> IndexArray:
    """Return the `(N,)` row of the first box of the cluster that each box is in.

    Box by box: it joins the cluster of its class whose fused box (the mean of its boxes so far,
    by strength) it overlaps most, if by more than `iou` (of equal ones, the first); else it
    starts one. To know which clusters are worth a look, boxes that overlap by less than `iou` are
    looked up beforehand; afterwards every fused box that there ever was is compared with every
    box that could have joined it. Should one have been missed, it is looked at as well, and all
    is done again. So the answer is that of the definition. A cluster without strength stays put.

    Args:
        xyxy: `(N, 4)` float64 corners, strongest first; none is empty.
        strength: `(N,)` float64, weight by score, from 0 up.
        class_number: `(N,)` from 0.
        iou: 0…1.
    """
    near = overlapping_pairs(xyxy, class_number, _near_enough(iou))
    first, second = near.first, near.second
    while True:
        course = _in_turn(xyxy, strength, first, second, iou)
        missed = _missed(xyxy, class_number, course, (first, second), iou)
        if not len(missed):
            return course.cluster
        first = np.concatenate([first, missed.first])
        second = np.concatenate([second, missed.second])


def _near_enough(iou: float) -> float:
    """Return the overlap of boxes above which one may join the cluster of the other.

    1 - IoU is a metric: two boxes that both overlap a third by more than t overlap each other by
    more than 2t - 1. But a fused box moves, so this is a guess, and checked afterwards; with low
    t it would let nearly all boxes through.
    """
    return max(2 * iou - 1, iou / 2)


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


def _in_turn(
    xyxy: Float64Array, strength: Float64Array, first: IndexArray, second: IndexArray, iou: float
) -> _Course:
    """Fuse boxes one after the other, looking at the clusters of those they are paired with.

    A loop, since what a box does depends on all that came before. Most boxes of a frame have few
    near them: numbers of Python are faster here than arrays with two elements.
    """
    boxes, sums = xyxy.tolist(), (xyxy * strength[:, np.newaxis]).tolist()
    totals, cluster = strength.tolist(), list(range(len(xyxy)))
    moved: list[int] = []
    after: list[list[float]] = []
    current = list(boxes)
    for row, partners in _by_second(first, second):
        around = sorted({cluster[partner] for partner in partners})
        best = _most_overlapping(boxes[row], around, current, iou)
        if best is None:
            continue
        cluster[row] = best
        sums[best] = [a + b for a, b in zip(sums[best], sums[row], strict=True)]
        totals[best] += totals[row]
        if totals[best] > 0:
            current[best] = [each / totals[best] for each in sums[best]]
        moved.append(row)
        after.append(current[best])
    return _Course(
        np.array(cluster, np.intp), np.array(moved, np.intp), np.array(after).reshape(-1, 4)
    )


def _by_second(first: IndexArray, second: IndexArray) -> list[tuple[int, list[int]]]:
    """Return rows, ascending, each with the earlier rows it is paired with."""
    order = np.argsort(second, kind="stable")
    rows, starts = np.unique(second[order], return_index=True)
    partners = first[order].tolist()
    bounds = [*starts.tolist(), len(partners)]
    return [
        (row, partners[begin:end])
        for row, begin, end in zip(rows.tolist(), bounds, bounds[1:], strict=False)
    ]


def _most_overlapping(
    box: list[float], clusters: list[int], fused_boxes: list[list[float]], iou: float
) -> int | None:
    x1, y1, x2, y2 = box
    area = (x2 - x1) * (y2 - y1)
    best, most = None, iou
    for each in clusters:
        u1, v1, u2, v2 = fused_boxes[each]
        width = (x2 if x2 < u2 else u2) - (x1 if x1 > u1 else u1)
        height = (y2 if y2 < v2 else v2) - (y1 if y1 > v1 else v1)
        if width <= 0 or height <= 0:
            continue
        common = width * height
        overlap = common / (area + (u2 - u1) * (v2 - v1) - common)
        if overlap > most:
            best, most = each, overlap
    return best


def _missed(
    xyxy: Float64Array,
    class_number: IndexArray,
    course: _Course,
    seen: tuple[IndexArray, IndexArray],
    iou: float,
) -> Pairs:
    """Return (row that made a fused box, later row that overlaps it but did not look at it)."""
    moved, count = course.moved, len(course.moved)
    pairs = overlapping_pairs(
        np.concatenate([course.fused, xyxy]),
        np.concatenate([class_number[moved], class_number]),
        iou,
    )
    across = (pairs.first < count) & (pairs.second >= count)
    maker, row = moved[pairs.first[across]], pairs.second[across] - count
    live = (maker < row) & (row <= _replaced(course.cluster)[maker])
    maker, row, overlap = maker[live], row[live], pairs.iou[across][live]
    looked = np.unique(course.cluster[seen[0]] * len(xyxy) + seen[1])
    new = ~np.isin(course.cluster[maker] * len(xyxy) + row, looked)
    return Pairs(maker[new], row[new], overlap[new])


def _replaced(cluster: IndexArray) -> IndexArray:
    """Return for each row the next row of its cluster, which moves the fused box; or N."""
    order = np.argsort(cluster, kind="stable")
    following = np.full(len(cluster), len(cluster), np.intp)
    same = cluster[order][1:] == cluster[order][:-1]
    following[order[:-1][same]] = order[1:][same]
    return following
