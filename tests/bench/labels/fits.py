"""Ways to calibrate: those of `gleancam-upstream labels calibrate`, and its temperature alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from gleancam_engines.voting.calibration import Calibration
from gleancam_upstream.calibrating.fitting import cross_validated, fit, fit_curve
from gleancam_upstream.calibrating.judged import Judged
from gleancam_upstream.calibrating.measures import measures
from gleancam_upstream.calibrating.outcome import METHODS


def one_temperature(judged: Judged) -> Calibration:
    """Return one temperature for all classes."""
    return Calibration(fit_curve(judged, "temperature"))


def likelier(judged: Judged) -> Calibration:
    """Return what `labels calibrate` takes: of both methods the likelier on what it did not see."""
    nll = {each: measures(cross_validated(judged, each), judged.right).nll for each in METHODS}
    return fit(judged, min(nll, key=lambda each: nll[each]))


WAYS: Mapping[str, Callable[[Judged], Calibration]] = {
    "one temperature": one_temperature,
    "temperature": partial(fit, method="temperature"),
    "isotonic": partial(fit, method="isotonic"),
    "the likelier of both": likelier,
}
