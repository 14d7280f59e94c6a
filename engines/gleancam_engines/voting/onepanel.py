"""The published code of the paper that named the strategies, as it is: for migration only."""

from __future__ import annotations

import math

import numpy as np

from gleancam_engines.voting.ballots import Ballots
from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.groups import groups_around
from gleancam_engines.voting.opinion import Opinion
from gleancam_engines.voting.pairs import IndexArray, overlapping_pairs
from gleancam_engines.voting.rules import Rules
from gleancam_engines.voting.steps import FRAME
from gleancam_engines.voting.suppression import kept


def onepanel_opinion(
    ballots: Ballots, weight: Float64Array, rules: Rules, files: int, frame_px: tuple[int, int]
) -> Opinion:
    """Vote as ancasag/ensembleObjectDetection 2c3be84 does, with its defects.

    Casado-García and Heras, ECAI 2020, describe the strategies; their code differs:

    - Boxes are taken in the order of files and of boxes in them, so the result depends on it.
    - A box lies on whole pixels and includes its last ones: widths count one more.
    - Votes are boxes, not models: a model that sees a thing twice votes twice, may be unanimous
      alone, and two boxes of one of three models outvote the others. One vote too many is not
      unanimous either.
    - The consensus of an even number of models is half of them, not more than half.
    - A model that cannot name a class counts as one that did not see it.
    - The box is the one that reaches farthest down, not the best.
    - The score is the sum of scores, each rounded to two decimals, by the number of files:
      it can exceed 1. Weights do not count.

    Args:
        ballots: in the order of files and of boxes in them.
        weight: `(M,)` of members; how many there are is all that matters.
        rules: strategy and overlap.
        files: members that looked.
        frame_px: width and height of the frame.
    """
    pixels = np.rint(ballots.xyxy / FRAME * (*frame_px, *frame_px))
    groups = groups_around(ballots, _joined(pixels, ballots.class_number, rules.overlap), weight)
    rounded = np.round(ballots.score / FRAME, 2) * FRAME
    votes = np.bincount(groups.of, minlength=len(groups))
    lowest = np.lexsort((pixels[:, 3], groups.of))[np.cumsum(votes) - 1]
    wanted = math.ceil(files / 2) if rules.strategy == "consensus" else 1
    enough = votes == files if rules.strategy == "unanimous" else votes >= wanted
    score = groups.total(rounded) / max(files, 1)
    return Opinion(groups, ballots.xyxy[lowest], score, votes, enough)


def _joined(pixels: Float64Array, class_number: IndexArray, iou: float) -> IndexArray:
    """Return the row of the first box of each group: what overlaps it and is free joins."""
    pairs = overlapping_pairs(pixels + np.array([0, 0, 1, 1]), class_number, iou)
    first = kept(pairs, len(pixels))
    of_first = pairs.where(first[pairs.first] & ~first[pairs.second])
    joined = np.where(first, np.arange(len(pixels)), len(pixels))
    np.minimum.at(joined, of_first.second, of_first.first)
    return joined
