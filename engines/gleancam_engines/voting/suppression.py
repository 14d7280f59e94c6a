"""Of the overlapping boxes that one member gives for one class, the best stays."""

from __future__ import annotations

import numpy as np

from gleancam_engines.voting.ballots import Ballots
from gleancam_engines.voting.pairs import Mask, Pairs, overlapping_pairs


def suppressed(ballots: Ballots, iou: float) -> Ballots:
    """Return the ballots without those that overlap a better kept one of member and class."""
    if iou >= 1:  # nothing overlaps by more
        return ballots
    classes = int(ballots.class_number.max(initial=0)) + 1
    pairs = overlapping_pairs(ballots.xyxy, ballots.member * classes + ballots.class_number, iou)
    return ballots.at(kept(pairs, len(ballots))) if len(pairs) else ballots


def kept(pairs: Pairs, count: int) -> Mask:
    """Say which of `count` rows, best first, greedy suppression keeps: `(count,)`.

    A row stays unless a *kept* better row is paired with it. The rule is applied to all rows at
    once until nothing changes, which ends in the greedy answer (Cluster-NMS, Zheng et al. 2020,
    arXiv:2005.03572): after step k the k best rows are decided for good.
    """
    keep = np.ones(count, bool)
    while True:
        after = np.ones(count, bool)
        after[pairs.second[keep[pairs.first]]] = False
        if np.array_equal(after, keep):
            return keep
        keep = after
