"""What two thumbnails have in common. Arrays are luma in 0…255, float32, of one shape."""

from __future__ import annotations

from math import sqrt

import numpy as np
import numpy.typing as npt

from gleancam_engines.planes import Float32Array

BLANK_MEAN = 24.0
"""Near-black: video black is 16, and an embedding of sensor noise means nothing."""
FEATURELESS_DEVIATION = 4.0
CHANGED_CELL = 10.0
"""Grey levels by which a cell of a thumbnail must differ to count as changed."""

_PEDESTAL = 8.0
"""Added before ratios are taken, so that dark cells do not rule them."""
_GAIN_LIMIT = 2.0
"""Exposure control moves by stops; more than one at once is a change worth a look."""


def is_blank(luma: Float32Array) -> bool:
    """Whether there is nothing to see: near-black or featureless."""
    mean = float(luma.mean())
    return mean < BLANK_MEAN or _deviation(luma, mean) < FEATURELESS_DEVIATION


def is_featureless(luma: Float32Array) -> bool:
    """Whether all cells are alike: a covered lens, darkness, one colour."""
    return _deviation(luma, float(luma.mean())) < FEATURELESS_DEVIATION


def difference(a: Float32Array, b: Float32Array) -> float:
    """Mean absolute difference, 0…255."""
    return float(np.abs(a - b).mean())


def gain_matched(a: Float32Array, reference: Float32Array) -> Float32Array:
    """Scale `a` to the brightness of `reference`, by at most one stop either way.

    Near-black pictures are left alone: their gain is noise.
    """
    means = float(a.mean()), float(reference.mean())
    if min(means) < BLANK_MEAN:
        return a
    gain = means[1] / means[0]
    return np.multiply(a, min(max(gain, 1 / _GAIN_LIMIT), _GAIN_LIMIT), dtype=np.float32)


def gain_matched_difference(
    a: Float32Array, reference: Float32Array, watched: npt.NDArray[np.bool_]
) -> Float32Array:
    """Absolute difference of each watched cell after `gain_matched`; 0 elsewhere.

    What is not watched has no say in the gain either.
    """
    difference = np.zeros_like(reference)
    of_reference = reference[watched]
    difference[watched] = np.abs(gain_matched(a[watched], of_reference) - of_reference)
    return difference


def exposure_matched(stack: Float32Array, reference: Float32Array) -> Float32Array:
    """Take a common change of exposure out of each row.

    Args:
        stack: `(N, P)`, thumbnails as rows.
        reference: `(P,)`.

    Returns:
        `(N, P)`: each row divided by the median of its ratios to `reference`, which half of the
        picture must follow; what an object does to a part of it stays.
    """
    ratios = (stack + _PEDESTAL) / (reference + _PEDESTAL)
    return np.asarray((stack + _PEDESTAL) / np.median(ratios, axis=1, keepdims=True) - _PEDESTAL)


def correlation(a: Float32Array, b: Float32Array) -> float:
    """Pearson correlation, -1…1: blind to brightness and contrast; 0 where a picture is flat."""
    x, y = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / scale if scale else 0.0


def changed_share(a: Float32Array, b: Float32Array) -> float:
    """Share of cells that differ by more than `CHANGED_CELL`, 0…1."""
    return float((np.abs(a - b) > CHANGED_CELL).mean())


def _deviation(luma: Float32Array, mean: float) -> float:
    """What `std` gives, at a third of its cost."""
    apart = (luma - np.float32(mean)).ravel()
    return sqrt(float(np.vdot(apart, apart)) / apart.size)
