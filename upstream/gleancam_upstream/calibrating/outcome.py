"""A calibration, and what it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from gleancam_engines.calibrations import CalibrationFile, Method
from gleancam_engines.voting.calibration import Calibration
from gleancam_upstream.calibrating.fitting import LEAST, cross_validated, fit
from gleancam_upstream.calibrating.gathering import Gathered
from gleancam_upstream.calibrating.judged import Judged
from gleancam_upstream.calibrating.measures import Measures, measures
from gleancam_upstream.errors import ReviewError

METHODS: tuple[Method, ...] = get_args(Method)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Curves fitted on all labels, with measures of curves fitted on a part of them.

    Attributes:
        before: of the scores as they are.
        after: of probabilities that each come from curves fitted on other scenes, or times.
    """

    gathered: Gathered
    method: Method
    calibration: Calibration
    before: Measures
    after: Measures

    @property
    def helps(self) -> bool:
        """Whether probabilities are likelier than scores, on labels that were not learnt from."""
        return self.after.nll < self.before.nll

    @property
    def file(self) -> CalibrationFile:
        """What is stored."""
        return CalibrationFile(
            committee=self.gathered.committee,
            method=self.method,
            common=self.calibration.common,
            by_class=dict(self.calibration.by_class),
            labels=len(self.gathered.judged),
            images=self.gathered.images,
            ece_before=self.before.ece,
            ece_after=self.after.ece,
        )


def calibrate(
    gathered: Gathered, methods: Sequence[Method] = METHODS, least: int = LEAST
) -> Outcome:
    """Return curves for a committee; a class with `least` labels has its own.

    Of several methods the one is taken whose cross-validated probabilities are the likeliest.

    Raises:
        ReviewError: there is nothing to learn: no labels, one image, or all right or all wrong.
        MissingLibraryError: a method needs scipy, which is not installed.
    """
    judged = gathered.judged
    if fault := _fault(judged):
        raise ReviewError(
            f"nothing can be learnt from {len(judged)} labels in {gathered.images} reviewed "
            f"samples: {fault}",
            cure="review more samples",
        )
    tried = {one: measures(cross_validated(judged, one, least), judged.right) for one in methods}
    best = min(tried, key=lambda method: tried[method].nll)
    return Outcome(
        gathered,
        best,
        fit(judged, best, least),
        measures(judged.score, judged.right),
        tried[best],
    )


def _fault(judged: Judged) -> str:
    if not len(judged):
        return "there are none"
    if not judged.both_kinds:
        return f"all are {'right' if judged.right.all() else 'wrong'}"
    if judged.image.min() == judged.image.max():
        return "all are in one image, so that nothing is left to test on"
    return ""
