"""The paired bootstrap over images (Efron & Tibshirani 1993, chapters 6 and 13)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.labels.boxes import Floats, Integers

RESAMPLES = 2000
SEED = 5


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and what chance in the choice of images does to it.

    Attributes:
        value: on the images as they are.
        mean: over the resamples.
        low: 2.5th percentile of the resamples.
        high: 97.5th.
        not_above_zero: share of the resamples in which it is 0 or less.
    """

    value: float
    mean: float
    low: float
    high: float
    not_above_zero: float


def resamples(images: int, count: int = RESAMPLES, seed: int = SEED) -> Integers:
    """Return `(count, images)`: how often each image was drawn; the same for the same seed."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(images, np.full(images, 1 / images), size=count)


def interval(value: float, drawn: Floats) -> Interval:
    """Describe `(B,)` figures of resamples; of NaN, none could be had."""
    known = drawn[~np.isnan(drawn)]
    low, high = np.percentile(known, [2.5, 97.5])
    below = float((known <= 0).mean())
    return Interval(value, float(known.mean()), float(low), float(high), below)
