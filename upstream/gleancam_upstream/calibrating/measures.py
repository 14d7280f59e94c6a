"""How far probabilities are from what happened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gleancam_upstream.calibrating.judged import BoolArray, Float64Array, IndexArray

BINS = 15
"""As in Guo et al., ICML 2017."""
NEAREST = 5e-5
"""Probabilities count as at least so far from 0 and 1 in the likelihood, which would be endless."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Of N labels; all are better the smaller.

    Attributes:
        ece: expected calibration error over 15 bins of equal width, 0…1.
        ece_mass: over 15 bins of as many labels each.
        brier: mean squared error, 0…1.
        nll: mean negative log-likelihood, in nats.
    """

    ece: float
    ece_mass: float
    brier: float
    nll: float


def measures(probabilities: Float64Array, right: BoolArray) -> Measures:
    """Return all of them, for `(N,)` probabilities 0…1 and `(N,)` bool; N is 1 or more."""
    p = probabilities.clip(NEAREST, 1 - NEAREST)
    return Measures(
        ece=ece(probabilities, right),
        ece_mass=ece_mass(probabilities, right),
        brier=float(np.mean((probabilities - right) ** 2)),
        nll=float(-np.mean(np.where(right, np.log(p), np.log1p(-p)))),
    )


def ece(probabilities: Float64Array, right: BoolArray, bins: int = BINS) -> float:
    """Return the mean over labels of |share right - mean probability| of their bin.

    Naeini et al., AAAI 2015. Bins are of equal width.
    """
    return _gap(probabilities, right, np.minimum((probabilities * bins).astype(np.intp), bins - 1))


def ece_mass(probabilities: Float64Array, right: BoolArray, bins: int = BINS) -> float:
    """Return the same over bins of as many labels each; equal probabilities share a bin.

    Nguyen and O'Connor, EMNLP 2015: no bin is nearly empty, so that its share is no accident.
    """
    rank = np.searchsorted(np.sort(probabilities), probabilities)
    return _gap(probabilities, right, rank * bins // len(probabilities))


def _gap(probabilities: Float64Array, right: BoolArray, place: IndexArray) -> float:
    surplus = np.bincount(place, weights=right - probabilities)
    return float(np.abs(surplus).sum() / len(probabilities))
