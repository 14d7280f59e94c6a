"""Weighted boxes fusion: a box joins the fused box that it overlaps most, and moves it.

Solovyev, Wang and Gabruseva, "Weighted boxes fusion: Ensembling boxes from different object
detection models", Image and Vision Computing 107 (2021), section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gleancam_engines.voting.across import overlapping_across
from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.fusing import in_turn
from gleancam_engines.voting.pairs import IndexArray, Pairs, iou_of, overlapping_pairs

_MARGIN = 2 / 3
"""Of the most by which it pays that a fused box moves without a check: with less, few are checked
and many more pairs looked at; with half of it, every tenth is."""

_ROUNDING = 1e-9
"""Of an overlap: far more than the rounding errors of one."""


def fused(
    xyxy: Float64Array, strength: Float64Array, class_number: IndexArray, iou: float
) -> IndexArray:
    """Return the `(N,)` row of the first box of the cluster that each box is in.

    Box by box: it joins the cluster of its class whose fused box (the mean of its boxes so far,
    by strength) it overlaps most, if by more than `iou` (of equal ones, the first); else it
    starts one. A cluster without strength stays put.

    To know which clusters are worth a look, boxes that overlap by `near` or less are left out
    beforehand, and so are all partners of a box that no later one is close to: nothing joins it
    before something else did. That is a guess, since fused boxes move, but one that is checked:
    see `_unproven`. Where a cluster was missed, it is looked at as well, and all is done again.
    So the answer is that of the definition.

    Args:
        xyxy: `(N, 4)` float64 corners, strongest first; none is empty.
        strength: `(N,)` float64, weight by score, from 0 up.
        class_number: `(N,)` from 0.
        iou: 0…1.
    """
    pairs = overlapping_pairs(xyxy, class_number, near(iou))
    return fused_among(xyxy, strength, class_number, pairs, iou)


def near(iou: float) -> float:
    """Give the overlap up to which a box is not expected to join a cluster of another."""
    return iou - min(1 - iou, iou / 2) * _MARGIN


def fused_among(
    xyxy: Float64Array, strength: Float64Array, class_number: IndexArray, pairs: Pairs, iou: float
) -> IndexArray:
    """Return the same as `fused`, given all pairs of a class that overlap by more than `near`."""
    above = pairs.iou > iou
    close = pairs.where(above)
    joined = np.zeros(len(xyxy), bool)
    joined[close.first] = True
    others = pairs.where(~above & joined[pairs.first])
    while True:
        cluster, sides = in_turn(xyxy, strength, close, others, iou)
        moved = np.flatnonzero(cluster != np.arange(len(cluster)))
        witness = np.where(joined[moved], moved, cluster[moved])
        course = _Course(cluster, moved, witness, sides[moved])
        doubtful = _unproven(xyxy, course, iou - near(iou))
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
        witness: `(J,)` themselves, if all near later boxes looked at them; or the first box of
            their cluster, of which that is always so.
        fused: `(J, 4)` the fused box right after.
    """

    cluster: IndexArray
    moved: IndexArray
    witness: IndexArray
    fused: Float64Array

    def at(self, moves: IndexArray) -> _Course:
        """Return the course with some of its moves only."""
        return _Course(self.cluster, self.moved[moves], self.witness[moves], self.fused[moves])


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
    for witness in (course.witness, course.cluster[course.moved]):
        close |= iou_of(both, fused_at, len(course.moved) + witness) > 1 - margin + _ROUNDING
    return course.at(np.flatnonzero(~close))


def _missed(
    xyxy: Float64Array,
    class_number: IndexArray,
    course: _Course,
    seen: tuple[Pairs, Pairs],
    iou: float,
) -> Pairs:
    """Return (row that made a fused box, later row that overlaps it but did not look at it)."""
    if not len(course.moved):
        return Pairs(course.moved, course.moved, np.empty(0))
    few = course.fused, class_number[course.moved]
    made, row, overlap = overlapping_across(few, (xyxy, class_number), iou)
    maker = course.moved[made]
    live = (maker < row) & (row <= _replaced(course.cluster)[maker])
    maker, row, overlap = maker[live], row[live], overlap[live]
    asked = np.zeros(len(xyxy), bool)
    asked[row] = True
    looked = [
        course.cluster[each.first[of_them]] * len(xyxy) + each.second[of_them]
        for each in seen
        for of_them in (np.flatnonzero(asked[each.second]),)
    ]
    new = ~np.isin(course.cluster[maker] * len(xyxy) + row, np.concatenate(looked))
    return Pairs(maker[new], row[new], overlap[new])


def _replaced(cluster: IndexArray) -> IndexArray:
    """Return for each row the next row of its cluster, which moves the fused box; or N."""
    order = np.argsort(cluster, kind="stable")
    following = np.full(len(cluster), len(cluster), np.intp)
    same = cluster[order][1:] == cluster[order][:-1]
    following[order[:-1][same]] = order[1:][same]
    return following
