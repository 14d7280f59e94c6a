"""Whether the scores of the committee of detectors are calibrated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gleancam.config.keys import Config
from gleancam.doctor.finding import Finding, fail, info, ok
from gleancam.parts.labelling import make_committee
from gleancam_engines.calibrations import calibration_path, load_calibration
from gleancam_engines.errors import CalibrationError, EngineError
from gleancam_engines.manifest import load

PART = "labels"


def examine(config: Config) -> Iterator[Finding]:
    """Look for the calibration; without detectors, or their manifests, nothing is said here."""
    models = Path(config.models.directory)
    try:
        manifests = [load(models / name) for name in config.models.detectors]
        committee = make_committee(config, manifests, manifests)
    except (EngineError, ValueError, LookupError):
        return  # that is said of the models and of the labels
    if not manifests:
        return
    try:
        load_calibration(models, committee)
    except CalibrationError as error:
        yield fail(PART, str(error), "make it anew, or remove it")
        return
    if calibration_path(models, committee).exists():
        yield ok(PART, "scores are calibrated for this committee")
    else:
        what = "scores are not calibrated: this committee has no calibration"
        yield info(PART, what, "review labels, then gleancam-upstream labels calibrate")
