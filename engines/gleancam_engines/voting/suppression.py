"""Of the overlapping boxes that one member gives for one class, the best stays."""

from __future__ import annotations

import numpy as np

from gleancam_engines.voting.ballots import Ballots
from gleancam_engines.voting.pairs import Mask, Pairs, overlapping_pairs


def suppressed(ballots: Ballots, iou: float) -> Ballots:
    """Return the ballots, best first, without those that overlap a better kept one.

    That is one of the same member and class, and they overlap by more than `iou`.
    """
    pairs = overlapping_pairs(ballots.xyxy, ballots.class_number, iou)
    return suppressed_among(ballots, pairs, iou)[0]


def suppressed_among(ballots: Ballots, pairs: Pairs, iou: float) -> tuple[Ballots, Pairs]:
    """Return the same, and those of the pairs that are between them.

    `pairs` holds all of one class that overlap by more than `iou`, and may hold more.
    """
    rivals = pairs.where(pairs.iou > iou)
    rivals = rivals.where(ballots.member[rivals.first] == ballots.member[rivals.second])
    if not len(rivals):
        return ballots, pairs
    keep = kept(rivals, len(ballots))
    both = pairs.where(keep[pairs.first] & keep[pairs.second])
    return ballots.at(keep), both.renumbered(np.cumsum(keep) - 1)


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
