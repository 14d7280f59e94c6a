"""Ways to calibrate: those of `gleancam-upstream labels calibrate`, and its temperature alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from gleancam_engines.voting.calibration import Calibration
from gleancam_upstream.calibrating.fitting import fit, fit_curve
from gleancam_upstream.calibrating.judged import Judged


def one_temperature(judged: Judged) -> Calibration:
    """Return one temperature for all classes."""
    return Calibration(fit_curve(judged, "temperature"))


WAYS: Mapping[str, Callable[[Judged], Calibration]] = {
    "one temperature": one_temperature,
    "temperatures by class": partial(fit, method="temperature"),
    "isotonic by class": partial(fit, method="isotonic"),
}
