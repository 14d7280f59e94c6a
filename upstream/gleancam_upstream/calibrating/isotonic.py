"""The best ascending curve, whatever its shape: isotonic regression; the only `import scipy`."""

from __future__ import annotations

import numpy as np

from gleancam_engines.voting.calibration import Curve
from gleancam_upstream.calibrating.judged import BoolArray, Float64Array
from gleancam_upstream.errors import MissingLibraryError

MOST_KNOTS = 16
DECIMALS = 6


def fit_isotonic(scores: Float64Array, right: BoolArray, most: int = MOST_KNOTS) -> Curve:
    """Return at most `most` knots of the ascending curve of the least squared error.

    By pooling adjacent violators (Barlow et al., 1972; Zadrozny and Elkan, KDD 2002). N labels
    show no probability below 1 / (N + 2) nor so near to 1 (rule of succession): it is kept within.

    Args:
        scores: `(N,)` float64, 0…1.
        right: `(N,)` bool; one or more.
        most: 2 or more.

    Raises:
        MissingLibraryError: scipy is not installed.
    """
    rounded = scores.round(DECIMALS)  # first, so that no two knots are of one score
    x, place, counts = np.unique(rounded, return_inverse=True, return_counts=True)
    share = np.bincount(place, weights=right) / counts
    least = 1 / (len(scores) + 2)
    y = _ascending(share, counts.astype(np.float64)).clip(least, 1 - least)
    corners = _thinned(_corners(np.stack([x, y], axis=1)), most)
    return Curve(knots=tuple(map(tuple, corners.round(DECIMALS).tolist())))


def _ascending(values: Float64Array, weights: Float64Array) -> Float64Array:
    try:
        from scipy.optimize import isotonic_regression
    except ImportError as error:
        raise MissingLibraryError(
            f"isotonic regression needs scipy 1.12 or later ({error})",
            cure="install gleancam[calibrate], or choose --method temperature",
        ) from error
    return np.asarray(isotonic_regression(values, weights=weights).x, np.float64)


def _corners(points: Float64Array) -> Float64Array:
    """Leave out what lies within a level stretch: a line between its ends says the same."""
    steps = np.diff(points[:, 1]) != 0
    keep = np.ones(len(points), np.bool_)
    keep[1:-1] = steps[:-1] | steps[1:]
    return points[keep]


def _thinned(points: Float64Array, most: int) -> Float64Array:
    """Leave out the point whose loss changes the least area, until few enough are left.

    Visvalingam and Whyatt, The Cartographic Journal, 1993. The ends stay, and so does the order.
    """
    while len(points) > most:
        before, after = points[1:-1] - points[:-2], points[2:] - points[:-2]
        area = np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0])
        points = np.delete(points, 1 + int(area.argmin()), axis=0)
    return points
