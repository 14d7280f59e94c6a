"""Precision of every entrant beside that of others at the same recall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.labels.boxes import Boxes
from bench.labels.evaluator import evaluated
from bench.labels.labelled import ON_CROWD
from bench.labels.photographs import Truth
from bench.labels.precision import Curve, curve


@dataclass(frozen=True, slots=True)
class EqualRecall:
    """All labels of one way of voting, right at IoU 0.5, classes together.

    Attributes:
        single: precision of the best single detector where its recall is the same; None: it never
            gets there.
        fused: precision of the default committee there, cut by its score.
    """

    name: str
    labels: int
    precision: float
    recall: float
    single: float | None
    fused: float | None


def curve_of(boxes: Boxes, truth: Truth) -> Curve:
    """Return precision and recall of boxes that are right or wrong."""
    said = evaluated(truth.document, boxes).verdicts(len(boxes))
    kept = said != ON_CROWD
    return curve(boxes.score[kept], said[kept] == 1, truth.objects)


def equal_recall(
    entrants: Mapping[str, Boxes], single: Curve, fused: Curve, truth: Truth
) -> list[EqualRecall]:
    """Compare each entrant's labels, all it makes, with the others' curves."""
    rows = []
    for name, boxes in entrants.items():
        found = curve_of(boxes, truth)
        precision, recall = float(found.precision[-1]), float(found.recall[-1])
        others = single.at_recall(recall), fused.at_recall(recall)
        rows.append(EqualRecall(name, len(boxes), precision, recall, *others))
    return rows
