"""One score for a group; that an eligible member saw nothing counts."""

from __future__ import annotations

import numpy as np

from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.groups import Groups
from gleancam_engines.voting.rules import ConfidenceType
from gleancam_engines.voting.steps import FRAME
from gleancam_engines.voting.turnout import Turnout


def mean_scores(groups: Groups, turnout: Turnout) -> Float64Array:
    """Return `(G,)`: sum of weight by score over the group / weight of all who could vote."""
    total = groups.total(groups.ballot_weight * groups.ballots.score)
    return total / turnout.weight[groups.class_number]


def fused_scores(groups: Groups, turnout: Turnout, kind: ConfidenceType) -> Float64Array:
    """Return the `(G,)` scores of weighted boxes fusion, as ensemble-boxes defines its `conf_type`.

    Its "all models" are here those that could vote on the class. `avg` is the mean of weight by
    score, times the boxes but at most the models, over the weight of all models; `max` the
    largest over the largest weight; `box_and_model_avg` the mean score by weight, times the share
    of the weight that is in the group; `absent_model_aware_avg` the sum of weight by score over
    the weight of all boxes and of the models without one. Where several boxes of a heavy model
    are in one group, `avg` could exceed 1; here it does not.
    """
    classes = groups.class_number
    strength = groups.ballot_weight * groups.ballots.score
    if kind == "max":
        return groups.most(strength) / turnout.heaviest[classes]
    total, whole = groups.total(strength), turnout.weight[classes]
    if kind == "avg":
        boxes = np.bincount(groups.of, minlength=len(groups))
        fair = np.minimum(boxes, turnout.eligible[classes]) / np.maximum(boxes, 1)
        return np.minimum(total * fair / whole, FRAME)
    of_boxes = groups.total(groups.ballot_weight)
    of_voters = (groups.voted() * groups.weight).sum(axis=1)
    share = of_voters / whole / of_boxes
    if kind == "absent_model_aware_avg":
        share = 1 / (of_boxes + whole - of_voters)
    scores: Float64Array = total * share
    return scores
