"""Agreement of detections: the share of boxes that both runs have, alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam_engines.detections import Detections
from gleancam_engines.detectors.nms import pairwise_iou

CONFIDENCE = 0.3
"""Boxes from this score on must be met by the other run: what the daemon reports by default."""
TOLERANCE = 0.05
"""Scores of a box and its counterpart may differ by this."""
LEAST_IOU = 0.9
"""A box and its counterpart overlap by at least this."""
LOWEST = CONFIDENCE - TOLERANCE
"""Down to this score a counterpart may lie: both runs are asked for their boxes from here on."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts of one picture, or of many.

    Attributes:
        met: boxes of either run that have a counterpart in the other.
        boxes: boxes of both runs.
    """

    met: int
    boxes: int

    @property
    def share(self) -> float:
        """The Dice coefficient, 0…1; 1 where neither run has a box."""
        return self.met / self.boxes if self.boxes else 1.0

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(self.met + other.met, self.boxes + other.boxes)


def agreement(one: Detections, other: Detections) -> Agreement:
    """Hold two runs on one picture against each other; both were asked from `LOWEST` on.

    A counterpart is of the same class, overlaps by `LEAST_IOU`, has nearly the same score, and is
    that of no other box. Boxes below `CONFIDENCE` only serve as counterparts, so that a
    score which crosses the line by a hair costs nothing.
    """
    pairs = _pair(_fit(one, other, least_iou=LEAST_IOU, tolerance=TOLERANCE))
    counted_one, counted_other = one.score >= CONFIDENCE, other.score >= CONFIDENCE
    met = pairs[counted_one].any(axis=1).sum() + pairs[:, counted_other].any(axis=0).sum()
    return Agreement(int(met), int(counted_one.sum() + counted_other.sum()))


def counted(one: Detections) -> int:
    """Return how many boxes must have a counterpart."""
    return int((one.score >= CONFIDENCE).sum())


def closeness(one: Detections, other: Detections) -> float:
    """Return 0…1: overlap times nearness of score of counterparts, averaged over all boxes.

    It is the panoptic quality of boxes (Kirillov et al. 2019, arXiv:1801.00868), with scores: a
    box without a counterpart of its class that overlaps by half counts 0.
    """
    boxes = len(one) + len(other)
    if boxes == 0:
        return 1.0
    near = 1 - _score_distance(one, other)
    fit = _fit(one, other, least_iou=0.5, tolerance=1) * near
    return float(2 * fit[_pair(fit)].sum() / boxes)


def _fit(
    one: Detections, other: Detections, *, least_iou: float, tolerance: float
) -> npt.NDArray[np.float32]:
    """Return `(N, M)` float32: the overlap of those that may be counterparts, else 0."""
    iou = pairwise_iou(one.xyxy, other.xyxy)
    same = one.class_id[:, np.newaxis] == other.class_id[np.newaxis]
    near = _score_distance(one, other) <= tolerance
    return np.where(same & near & (iou >= least_iou), iou, np.float32(0))


def _score_distance(one: Detections, other: Detections) -> npt.NDArray[np.float32]:
    return np.asarray(np.abs(one.score[:, np.newaxis] - other.score[np.newaxis]))


def _pair(fit: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Return `(N, M)`: pairs of `fit` above 0, greedily the best first, each side in one at most.

    A pair that is the best of its row and of its column is one of the greedy answer; with those
    away the same holds again, so each round takes many.
    """
    pairs = np.zeros(fit.shape, bool)
    while fit.any():
        best_of_row = fit.argmax(axis=1)[:, np.newaxis] == np.arange(fit.shape[1])
        best_of_column = fit.argmax(axis=0)[np.newaxis] == np.arange(fit.shape[0])[:, np.newaxis]
        pairs |= best_of_row & best_of_column & (fit > 0)
        taken = pairs.any(axis=1, keepdims=True) | pairs.any(axis=0, keepdims=True)
        fit = np.where(taken, np.float32(0), fit)
    return pairs
