"""Average precision and recall, for many weightings of the images at once.

COCOeval.accumulate joins the boxes of all images, sorts them, and reads the precision at 101 levels
of recall. A resample of the images is a whole number for each of them, and the sums along the
sorted boxes are then weighted sums: nothing is matched or sorted again. Copies of an image lie side
by side; only where boxes of different images have equal scores may a joined list of copies be in
another order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.labels.boxes import Floats, Integers
from bench.labels.evaluator import Booleans, ClassMatches, Matches

_LEVELS = np.linspace(0.0, 1.0, 101)
"""Of recall: COCO's."""
_AP50, _AP75 = 0, 5


@dataclass(frozen=True, slots=True, eq=False)
class Averages:
    """COCO's figures, `(B,)` each, one for each weighting; -1 where there is no object.

    Attributes:
        ap: the mean over classes and the ten IoU thresholds.
        ap50: at IoU 0.5.
        ap75: at IoU 0.75.
        ar: recall with 100 boxes an image, the mean over classes and thresholds.
    """

    ap: Floats
    ap50: Floats
    ap75: Floats
    ar: Floats


def accumulated(matches: Matches, weights: Integers | None = None) -> Averages:
    """Return the figures; `weights` is `(B, I)`, how often each image counts, without: once."""
    if weights is None:
        weights = np.ones((1, matches.images), np.int64)
    classes = [_of_class(one, weights) for one in matches.classes.values()]
    precision = np.stack([each[0] for each in classes])
    recall = np.stack([each[1] for each in classes])
    there = np.stack([weights @ one.objects > 0 for one in matches.classes.values()])
    return Averages(
        _mean(precision.mean(axis=1), there),
        _mean(precision[:, _AP50], there),
        _mean(precision[:, _AP75], there),
        _mean(recall.mean(axis=1), there),
    )


def _mean(values: Floats, there: Booleans) -> Floats:
    """Average `(K, B)` over the classes that are there in each weighting."""
    count = there.sum(axis=0)
    return np.where(count > 0, (values * there).sum(axis=0) / np.maximum(count, 1), -1.0)


def _of_class(one: ClassMatches, weights: Integers) -> tuple[Floats, Floats]:
    """Return average precision and recall of a class, `(10, B)` each."""
    objects = np.maximum(weights @ one.objects, 1).astype(np.float64)
    each = weights[:, one.image]
    pairs = [
        _at_threshold(right, wrong, each, objects)
        for right, wrong in zip(one.right, one.wrong, strict=True)
    ]
    return np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])


def _at_threshold(
    right: Booleans, wrong: Booleans, each: Integers, objects: Floats
) -> tuple[Floats, Floats]:
    """Read the curve where recall rises, which is where a box is right: `(B,)` each."""
    hits = np.flatnonzero(right)
    if not len(hits):
        return np.zeros(len(each)), np.zeros(len(each))
    true = np.cumsum(each[:, hits], axis=1).astype(np.float64)
    false = np.cumsum(each * wrong, axis=1)[:, hits]
    precision = true / (true + false + np.spacing(1))
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    recall = true / objects[:, np.newaxis]
    reached = np.searchsorted(_LEVELS, recall, side="right")
    levels = np.diff(reached, axis=1, prepend=0)
    return (envelope * levels).sum(axis=1) / len(_LEVELS), recall[:, -1]
