"""The strategies: affirmative, consensus, unanimous, quorum and weighted boxes fusion."""

from __future__ import annotations

import numpy as np

from gleancam_engines.voting.ballots import Ballots
from gleancam_engines.voting.boxes import best_boxes, mean_boxes
from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.grouping import grouped_among
from gleancam_engines.voting.groups import Groups, groups_around
from gleancam_engines.voting.opinion import Opinion
from gleancam_engines.voting.pairs import Pairs, overlapping_pairs
from gleancam_engines.voting.rules import Rules
from gleancam_engines.voting.scores import fused_scores, mean_scores
from gleancam_engines.voting.steps import whole_boxes
from gleancam_engines.voting.suppression import suppressed_among
from gleancam_engines.voting.turnout import Turnout
from gleancam_engines.voting.wbf import fused_among, near


def opinion(ballots: Ballots, weight: Float64Array, rules: Rules, turnout: Turnout) -> Opinion:
    """Return what `rules` make of ballots in any order; `weight` is `(M,)`."""
    ranked = ballots.in_order()
    least = near(rules.overlap) if rules.strategy == "wbf" else rules.overlap
    pairs = overlapping_pairs(ranked.xyxy, ranked.class_number, min(least, rules.iou_nms))
    single, pairs = suppressed_among(ranked, pairs, rules.iou_nms)
    pairs = pairs.where(pairs.iou > least)
    if rules.strategy == "wbf":
        groups = _fused(single, pairs, weight, rules.overlap)
        xyxy = whole_boxes(mean_boxes(groups))
        score = fused_scores(groups, turnout, rules.conf_type)
    else:
        groups = groups_around(single, grouped_among(single, pairs), weight)
        xyxy = best_boxes(groups) if rules.box == "best" else whole_boxes(mean_boxes(groups))
        score = mean_scores(groups, turnout)
    votes = groups.voted().sum(axis=1)
    wanted = np.array([rules.votes_wanted(count) for count in turnout.eligible.tolist()], np.intp)
    return Opinion(groups, xyxy, score, votes, votes >= wanted[groups.class_number])


def _fused(ballots: Ballots, pairs: Pairs, weight: Float64Array, iou: float) -> Groups:
    strength = weight[ballots.member] * ballots.score
    order = np.argsort(-strength, kind="stable")
    strongest = ballots.at(order)
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    first = fused_among(
        strongest.xyxy, strength[order], strongest.class_number, pairs.renumbered(place), iou
    )
    return groups_around(strongest, first, weight)
