"""One box for a group: the seed's, or the mean."""

from __future__ import annotations

import numpy as np

from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.groups import Groups


def best_boxes(groups: Groups) -> Float64Array:
    """Return the `(G, 4)` boxes of the seeds, in steps."""
    return groups.ballots.xyxy[groups.seed]


def mean_boxes(groups: Groups) -> Float64Array:
    """Return `(G, 4)` means by weight and score, in steps, not rounded.

    Where no score is above 0, by weight alone.
    """
    strength = groups.ballot_weight * groups.ballots.score
    mute = groups.total(strength)[groups.of] <= 0
    strength = np.where(mute, groups.ballot_weight, strength)
    total = groups.total(strength)
    sides = [groups.total(strength * side) / total for side in groups.ballots.xyxy.T]
    return np.stack(sides, axis=1)
