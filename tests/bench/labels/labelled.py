"""The labels of all photographs in columns, and whether each is right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.labels.boxes import Boxes, Floats, Integers
from bench.labels.evaluator import Booleans, evaluated
from bench.labels.photographs import Truth
from gleancam_engines.voting.label import Label
from gleancam_engines.voting.uncertainty import binary_entropy
from gleancam_upstream.calibrating.judged import Judged

ON_CROWD = -1


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Labels that are right or wrong; those that lie on a crowd are neither and left out.

    Attributes:
        image: `(N,)` 0-based place of the photograph.
        names: class of each.
        right: `(N,)`: met an object of its class at IoU 0.5 that no better label had met.
        score: `(N,)` fused.
        doubts: `(N,)` each, by name: what may tell that a label is wrong.
    """

    image: Integers
    names: tuple[str, ...]
    right: Booleans
    score: Floats
    doubts: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.score)

    @property
    def judged(self) -> Judged:
        """Give them as `gleancam-upstream labels calibrate` reads them: a photograph is a scene."""
        names = np.array(self.names, np.str_)
        return Judged(names, self.score, self.right, self.image, self.image)


def boxes_of(labels: Sequence[Sequence[Label]], truth: Truth) -> Boxes:
    """Return the labels of each photograph as boxes in pixels."""
    category = {name: at for at, name in enumerate(truth.names, 1)}
    pairs = list(zip(truth.photographs, labels, strict=True))
    size = [[one.width, one.height] * 2 for one, found in pairs for _ in found]
    flat = [label for _, found in pairs for label in found]
    return Boxes(
        np.array([one.id for one, found in pairs for _ in found], np.int64),
        np.array([category[label.class_name] for label in flat], np.int64),
        np.array([label.xyxy for label in flat]).reshape(-1, 4) * np.array(size).reshape(-1, 4),
        np.array([label.score for label in flat], np.float64),
    )


def labelled(labels: Sequence[Sequence[Label]], truth: Truth) -> Labelled:
    """Judge the labels of each photograph."""
    boxes = boxes_of(labels, truth)
    said = evaluated(truth.document, boxes).verdicts(len(boxes))
    kept = np.flatnonzero(said != ON_CROWD)
    flat = [label for found in labels for label in found]
    some = [flat[at] for at in kept]
    return Labelled(
        boxes.image[kept] - 1,
        tuple(label.class_name for label in some),
        said[kept] == 1,
        boxes.score[kept],
        _doubts(some),
    )


def _doubts(labels: Sequence[Label]) -> dict[str, Floats]:
    """Uncalibrated; a temperature turns no two labels round, but for informativeness."""
    score = np.array([label.score for label in labels])
    entropy = binary_entropy(score) / math.log(2)
    bald = np.array([np.nan if label.bald is None else label.bald for label in labels])
    spread = np.array([label.loc_spread for label in labels])
    return {
        "risk": np.array([label.risk for label in labels]),
        "1 - score_max": 1 - np.array([label.score_max for label in labels]),
        "bald": bald,
        "loc_spread": spread,
        "max(bald, loc_spread)": np.fmax(bald, spread),
        "informativeness = entropy": entropy,
    }
