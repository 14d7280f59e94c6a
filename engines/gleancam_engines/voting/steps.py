"""Whole steps of 1e-4: boxes and scores as whole numbers, whose areas and overlaps are exact."""

from __future__ import annotations

import numpy as np

from gleancam_engines.voting.evidence import DECIMALS, Float64Array

FRAME = 10**DECIMALS
"""Steps from one side of the frame to the other, and from no score to a sure one."""


def steps(shares: Float64Array) -> Float64Array:
    """Return shares as the nearest whole number of steps; what is not finite stays so.

    A share that was rounded to four decimals gives the same steps before and after.
    """
    with np.errstate(over="ignore"):  # absurdly far outside: infinite, and treated as such
        whole: Float64Array = np.rint(shares * FRAME)
    return whole


def whole_boxes(xyxy: Float64Array) -> Float64Array:
    """Return `(N, 4)` boxes in steps with their corners on whole steps, at least one wide and high.

    Halves go up, so that a box is as wide wherever it lies.
    """
    rounded: Float64Array = np.floor(xyxy + 0.5)
    rounded[:, 2:] = np.maximum(rounded[:, 2:], rounded[:, :2] + 1)
    return rounded
