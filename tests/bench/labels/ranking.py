"""How well a number tells wrong from right: the area under the ROC curve, for many weightings."""

from __future__ import annotations

import numpy as np

from bench.labels.boxes import Floats, Integers
from bench.labels.evaluator import Booleans


def auroc(wrong: Booleans, doubt: Floats, weights: Integers) -> Floats:
    """Return `(B,)` chances that a wrong label has more doubt than a right one, ties half.

    NaN where a weighting leaves only wrong or only right ones.

    Args:
        wrong: `(N,)`.
        doubt: `(N,)`, any range.
        weights: `(B, N)`, how often each label counts.
    """
    levels, level = np.unique(doubt, return_inverse=True)
    order = np.argsort(level, kind="stable")
    starts = np.searchsorted(level[order], np.arange(len(levels)))
    sorted_weights, sorted_wrong = weights[:, order].astype(np.float64), wrong[order]
    bad = np.add.reduceat(sorted_weights * sorted_wrong, starts, axis=1)
    good = np.add.reduceat(sorted_weights * ~sorted_wrong, starts, axis=1)
    below = np.cumsum(good, axis=1) - good
    pairs = bad.sum(axis=1) * good.sum(axis=1)
    won = (bad * (below + good / 2)).sum(axis=1)
    return np.asarray(np.divide(won, pairs, out=np.full(len(weights), np.nan), where=pairs > 0))
