"""How sure several members are of the class of one thing, from their probabilities.

All take `(…, T, C)` float64: for each thing, T members' probabilities of C classes, which sum to 1.
All give `(…)` float64, in nats where logarithms are involved. P is the mean over members.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Float64Array = npt.NDArray[np.float64]

SUM_TOLERANCE = 1e-3
"""How far probabilities may be from summing to 1: half precision and wire rounding stay within."""


def entropy(probabilities: Float64Array) -> Float64Array:
    """Give H(P) = -sum P ln P: 0 where one class is certain, ln C where nothing is known.

    Raises:
        ValueError: these are no probabilities of members.
    """
    return _entropy(_mean(probabilities))


def margin(probabilities: Float64Array) -> Float64Array:
    """Give how far the likeliest class of P is ahead of the next, 0…1; 1 with a single class.

    Small is unsure (Scheffer et al., 2001), unlike all others here.

    Raises:
        ValueError: these are no probabilities of members.
    """
    ranked = np.sort(_mean(probabilities), axis=-1)
    if ranked.shape[-1] == 1:
        return np.ones(ranked.shape[:-1])
    return np.asarray(ranked[..., -1] - ranked[..., -2])


def least_confidence(probabilities: Float64Array) -> Float64Array:
    """Give 1 - max P, 0…1 - 1/C.

    Raises:
        ValueError: these are no probabilities of members.
    """
    return np.asarray(1 - _mean(probabilities).max(axis=-1))


def variance(probabilities: Float64Array) -> Float64Array:
    """Give the variance over members, averaged over classes, 0…1/4; 0 with one member.

    Raises:
        ValueError: these are no probabilities of members.
    """
    _check(probabilities)
    return np.asarray(probabilities.var(axis=-2).mean(axis=-1))


def bald(probabilities: Float64Array) -> Float64Array:
    """Give H(P) - mean H(p), what the members disagree about, in nats; never below 0.

    Houlsby et al., "Bayesian active learning for classification and preference learning", 2011.

    Raises:
        ValueError: these are no probabilities of members.
    """
    together = entropy(probabilities)
    alone = _entropy(probabilities).mean(axis=-1)
    # Rounding may take agreement a hair below nothing.
    return np.asarray(np.maximum(together - alone, 0.0))


def bald_share(probabilities: Float64Array) -> Float64Array | None:
    """Give BALD / min(ln C, ln T), 0…1; None with one member or one class.

    Who is alone cannot disagree: that is absent, not zero, since zero says that several agree.

    Raises:
        ValueError: these are no probabilities of members.
    """
    nats = bald(probabilities)
    most = math.log(min(probabilities.shape[-2:]))
    return np.minimum(nats / most, 1.0) if most else None


def _mean(probabilities: Float64Array) -> Float64Array:
    _check(probabilities)
    return np.asarray(probabilities.mean(axis=-2))


def _entropy(p: Float64Array) -> Float64Array:
    return np.asarray(-(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=-1))


def _check(probabilities: Float64Array) -> None:
    shape = probabilities.shape
    if len(shape) < 2 or not min(shape[-2:]):
        raise ValueError(f"probabilities must be (…, members, classes), but are {shape}")
    within = (probabilities >= 0) & (probabilities <= 1)
    if not within.all():  # NaN is not within either
        raise ValueError("probabilities must lie in 0…1")
    if np.abs(probabilities.sum(axis=-1) - 1).max(initial=0.0) > SUM_TOLERANCE:
        raise ValueError("the probabilities of a member must sum to 1")
