"""Curves out of judged labels, and what they are worth on labels they were not fitted on."""

from __future__ import annotations

import numpy as np

from gleancam_engines.calibrations import Method
from gleancam_engines.voting.calibration import Calibration, Curve
from gleancam_upstream.calibrating.folds import FOLDS, folds
from gleancam_upstream.calibrating.isotonic import fit_isotonic
from gleancam_upstream.calibrating.judged import Float64Array, Judged
from gleancam_upstream.calibrating.temperature import fit_temperature

LEAST = 200
"""Reviewed labels that a class needs for a curve of its own. With fewer, a curve follows chance:
isotonic regression takes hundreds to be better (Niculescu-Mizil and Caruana, ICML 2005)."""


def fit(judged: Judged, method: Method, least: int = LEAST) -> Calibration:
    """Return a common curve of all labels, and one for each class that has `least` or more.

    A class whose labels are all right or all wrong has no curve of its own: it takes the common
    one. Where all labels together are, that is the identity.

    Raises:
        MissingLibraryError: `method` needs scipy, which is not installed.
    """
    names, counts = np.unique(judged.class_name, return_counts=True)
    enough = names[counts >= least].tolist()
    parts = {name: judged.where(judged.class_name == name) for name in enough}
    curves = {name: fit_curve(part, method) for name, part in parts.items() if part.both_kinds}
    return Calibration(fit_curve(judged, method), curves)


def fit_curve(judged: Judged, method: Method) -> Curve:
    """Return one curve for all of these labels; the identity without right and wrong ones.

    Raises:
        MissingLibraryError: `method` needs scipy, which is not installed.
    """
    if not judged.both_kinds:
        return Curve()
    fitting = fit_isotonic if method == "isotonic" else fit_temperature
    return fitting(judged.score, judged.right)


def cross_validated(
    judged: Judged, method: Method, least: int = LEAST, most: int = FOLDS
) -> Float64Array:
    """Return `(N,)` probabilities, each by curves fitted on the other parts.

    Raises:
        MissingLibraryError: `method` needs scipy, which is not installed.
    """
    part = folds(judged, most)
    probabilities = np.empty(len(judged))
    for number in np.unique(part):
        tested = part == number
        calibration = fit(judged.where(~tested), method, least)
        names = judged.class_name[tested].tolist()
        probabilities[tested] = calibration.calibrated(names, judged.score[tested])
    return probabilities
