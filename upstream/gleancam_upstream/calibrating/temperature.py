"""One number that makes scores less or more sure: temperature scaling (Guo et al., ICML 2017)."""

from __future__ import annotations

import math

import numpy as np

from gleancam_engines.voting.calibration import Curve
from gleancam_upstream.calibrating.judged import BoolArray, Float64Array

HOTTEST = 20.0
"""Temperatures lie in 1/HOTTEST…HOTTEST: scores that say nothing would want an endless one."""
NEAREST = 5e-5
"""Scores count as at least so far from 0 and 1: half a step of the wire's rounding."""
HALVINGS = 60


def fit_temperature(scores: Float64Array, right: BoolArray) -> Curve:
    """Return the curve of the least negative log-likelihood.

    The likelihood is that of logistic regression with one slope, 1 / temperature, and no
    intercept: convex, so its slope has one zero, which is found by halving.

    Args:
        scores: `(N,)` float64, 0…1.
        right: `(N,)` bool, of both kinds.
    """
    s = scores.clip(NEAREST, 1 - NEAREST)
    logits = np.log(s) - np.log1p(-s)
    coldest, hottest = -math.log(HOTTEST), math.log(HOTTEST)
    for _ in range(HALVINGS):
        middle = (coldest + hottest) / 2
        expected = Curve(math.exp(middle)).probabilities(s)
        if ((expected - right) * logits).sum() > 0:  # too sure: it must be hotter
            coldest = middle
        else:
            hottest = middle
    return Curve(round(math.exp((coldest + hottest) / 2), 4))
