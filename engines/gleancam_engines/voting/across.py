"""Which boxes of a few overlap which of many."""

from __future__ import annotations

import math

import numpy as np

from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.pairs import IndexArray, iou_of, windows

_SLACK = 1e-3
"""Steps by which a window is too long at both ends: far more than its own rounding errors."""


def overlapping_across(
    few: tuple[Float64Array, IndexArray], many: tuple[Float64Array, IndexArray], iou: float
) -> tuple[IndexArray, IndexArray, Float64Array]:
    """Return rows of `few`, rows of `many` that overlap them by more than `iou`, and by how much.

    A box that overlaps one of width w by more than t is less than w / t wide, and begins less than
    (1 - t) w behind its left side and less than (1 - t) w / t before it: a window of those ordered
    by their left sides.

    Args:
        few: `(F, 4)` float64 corners from 0 up, none of an empty box, and `(F,)` groups from 0.
        many: `(N, 4)` and `(N,)` likewise; boxes of different groups are no pair.
        iou: 0…1.
    """
    (boxes, group), (others, group_of_others) = few, many
    both = np.concatenate([boxes, others])
    apart = 2 * (both[:, 2].max(initial=0.0) + 1)
    begins = group_of_others * apart + others[:, 0]
    order = np.argsort(begins)
    begins = begins[order]
    left, width = boxes[:, 0], boxes[:, 2] - boxes[:, 0]
    before = (1 / iou - 1) * width + _SLACK if iou else math.inf
    starts = np.searchsorted(begins, group * apart + np.maximum(left - before, 0))
    ends = np.searchsorted(begins, group * apart + left + (1 - iou) * width + _SLACK)
    found = [(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))]
    counts = ends - starts
    for some, places in windows(starts, counts):
        one = np.repeat(np.arange(len(boxes))[some], counts[some])
        other = order[places]
        overlap = iou_of(both, one, len(boxes) + other)
        above = np.flatnonzero(overlap > iou)
        found.append((one[above], other[above], overlap[above]))
    one, other, overlap = (np.concatenate(part) for part in zip(*found, strict=True))
    return one, other, overlap
