"""How many labels are right, at what score, and how many objects that finds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.labels.boxes import Floats, Integers
from bench.labels.evaluator import Booleans
from bench.labels.resampling import Interval, interval


@dataclass(frozen=True, slots=True)
class Share:
    """Right ones among `count` labels; NaN of none."""

    count: int
    right: float


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Precision and recall at IoU 0.5 over all classes together, from the best score down.

    Attributes:
        score: `(N,)` descending.
        precision: `(N,)` of the labels down to this one.
        recall: `(N,)`.
    """

    score: Floats
    precision: Floats
    recall: Floats

    def at_recall(self, wanted: float) -> float | None:
        """Return the precision at the fewest labels that reach a recall; None: they never do."""
        reached = np.flatnonzero(self.recall >= wanted)
        return float(self.precision[reached[0]]) if len(reached) else None


def curve(score: Floats, right: Booleans, objects: int) -> Curve:
    """Return the curve; labels with equal scores come together, so only their last point counts."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(right[order])
    last = np.flatnonzero(np.diff(score[order], append=-np.inf))
    return Curve(score[order][last], hits[last] / (last + 1), hits[last] / objects)


def above(score: Floats, right: Booleans, least: float) -> Share:
    """Return the share of right ones among labels of at least this score."""
    here = right[score >= least]
    return Share(len(here), float(here.mean()) if len(here) else float("nan"))


def between(score: Floats, right: Booleans, bins: int = 10) -> list[Share]:
    """Return the share of right ones in equal bins of the score; 1 belongs to the last."""
    at = np.minimum((score * bins).astype(np.int64), bins - 1)
    parts = [right[at == one] for one in range(bins)]
    return [Share(len(part), float(part.mean()) if len(part) else float("nan")) for part in parts]


def interval_above(
    score: Floats, right: Booleans, image: Integers, least: float, weights: Integers
) -> Interval:
    """Return the precision at a score with its interval over images; `weights` is `(B, I)`."""
    here = score >= least
    each = weights[:, image[here]].astype(np.float64)
    total = each.sum(axis=1)
    hits = each @ right[here]
    drawn = np.divide(hits, total, out=np.full(len(weights), np.nan), where=total > 0)
    return interval(above(score, right, least).right, drawn)
