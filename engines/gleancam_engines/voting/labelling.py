"""From groups to labels, every number of which is as it will be sent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import compress

import numpy as np

from gleancam_engines.voting.ballots import corner_code
from gleancam_engines.voting.calibration import UNCALIBRATED, Calibration
from gleancam_engines.voting.conflict import conflicts
from gleancam_engines.voting.evidence import DECIMALS, Float64Array
from gleancam_engines.voting.label import Label
from gleancam_engines.voting.label_table import labels_of
from gleancam_engines.voting.opinion import Opinion
from gleancam_engines.voting.pairs import IndexArray, Mask
from gleancam_engines.voting.seats import Seats
from gleancam_engines.voting.steps import FRAME
from gleancam_engines.voting.turnout import Turnout
from gleancam_engines.voting.uncertainty import bernoulli_bald, binary_entropy, mean_pairwise_iou


@dataclass(frozen=True, slots=True, eq=False)
class Labelling:
    """What all labels of a frame share.

    Attributes:
        names: of the canonical classes.
        calibration: from scores to how likely a label is right.
        least: score in whole steps that the best box of a label must have.
    """

    seats: Seats
    turnout: Turnout
    names: tuple[str, ...]
    calibration: Calibration
    least: float

    def labels(self, opinion: Opinion) -> tuple[Label, ...]:
        """Make labels of the groups with enough votes and a sure box.

        Best first, then by class and corners.
        """
        return labels_of(self._columns(opinion, self._order(opinion)))

    def _order(self, opinion: Opinion) -> IndexArray:
        """Return the groups that become labels, in order; equal ones stay in that of the seeds."""
        groups = opinion.groups
        sure = groups.most(groups.ballots.score) >= self.least
        rows = np.flatnonzero(opinion.enough & sure)
        kind = self.seats.alphabetical[groups.class_number[rows]]
        sure_first = kind - len(self.names) * np.rint(opinion.score[rows])
        return rows[np.lexsort((corner_code(opinion.xyxy[rows]), sure_first))]

    def _columns(self, opinion: Opinion, rows: IndexArray) -> list[list[object]]:
        groups, turnout = opinion.groups, self.turnout
        classes, xyxy = groups.class_number[rows], opinion.xyxy[rows]
        names = [self.names[number] for number in classes.tolist()]
        ids = tuple(one.member_id for one in self.seats.members)
        score, eligible = np.rint(opinion.score[rows]) / FRAME, turnout.eligible[classes]
        mean_iou = _share(mean_pairwise_iou(groups.ballots.xyxy, groups.of, len(groups)))[rows]
        disagreement = bernoulli_bald(groups.scores()[rows] / FRAME, turnout.could.T[classes])
        entropy = binary_entropy(score)
        return [
            list(zip(*(xyxy.T / FRAME).tolist(), strict=True)),
            list(names),
            score.tolist(),
            opinion.votes[rows].tolist(),
            list(_voters(groups.voted()[rows], ids)),
            eligible.tolist(),
            mean_iou.tolist(),
            (groups.most(groups.ballots.score)[rows] / FRAME).tolist(),
            _share(1 - self._calibrated(names, np.minimum(score, 1.0))).tolist(),
            _where(eligible > 1, _share(disagreement / math.log(2))),
            _where(eligible <= 1, _share(entropy / math.log(2))),
            _share(1 - mean_iou).tolist(),
            (eligible < turnout.configured[classes]).tolist(),
            conflicts(xyxy, classes).tolist(),
        ]

    def _calibrated(self, names: list[str], score: Float64Array) -> Float64Array:
        if self.calibration == UNCALIBRATED:
            return score
        return self.calibration.calibrated(names, score)


def _voters(voted: Mask, ids: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return for each `(G, M)` row who is in it; few rows differ."""
    if not len(voted):
        return []
    bits = np.packbits(voted, axis=1)
    keys: list[bytes] = bits.view(f"V{bits.shape[1]}").ravel().tolist()
    rows = {key: row for row, key in enumerate(keys)}
    names = {key: tuple(compress(ids, voted[row].tolist())) for key, row in rows.items()}
    return [names[key] for key in keys]


def _share(numbers: Float64Array) -> Float64Array:
    """Round as the wire does."""
    return np.round(numbers, DECIMALS) + 0.0


def _where(there: Mask, numbers: Float64Array) -> list[float | None]:
    """Return numbers, and None where there are none."""
    pairs = zip(there.tolist(), numbers.tolist(), strict=True)
    return [number if is_there else None for is_there, number in pairs]
