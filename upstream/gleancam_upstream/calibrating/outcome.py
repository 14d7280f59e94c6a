"""A calibration, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass

from gleancam_engines.calibrations import CalibrationFile, Method
from gleancam_engines.voting.calibration import Calibration
from gleancam_upstream.calibrating.fitting import LEAST, cross_validated, fit
from gleancam_upstream.calibrating.gathering import Gathered
from gleancam_upstream.calibrating.judged import Judged
from gleancam_upstream.calibrating.measures import Measures, measures
from gleancam_upstream.errors import ReviewError


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


def calibrate(gathered: Gathered, method: Method, least: int = LEAST) -> Outcome:
    """Return curves for a committee; a class with `least` labels has its own.

    Raises:
        ReviewError: there is nothing to learn: no labels, one image, or all right or all wrong.
        MissingLibraryError: `method` needs scipy, which is not installed.
    """
    judged = gathered.judged
    if fault := _fault(judged):
        raise ReviewError(
            f"nothing can be learnt from {len(judged)} labels in {gathered.images} reviewed "
            f"samples: {fault}",
            cure="review more samples",
        )
    probabilities = cross_validated(judged, method, least)
    return Outcome(
        gathered,
        method,
        fit(judged, method, least),
        measures(judged.score, judged.right),
        measures(probabilities, judged.right),
    )


def _fault(judged: Judged) -> str:
    if not len(judged):
        return "there are none"
    if not judged.both_kinds:
        return f"all are {'right' if judged.right.all() else 'wrong'}"
    if judged.image.min() == judged.image.max():
        return "all are in one image, so that nothing is left to test on"
    return ""
