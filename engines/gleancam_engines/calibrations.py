"""Calibrations on disk, beside the models: one file for each committee, named for it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec

from gleancam_engines.committee_identity import CommitteeIdentity, committee_digest, identity
from gleancam_engines.durable import write_durably
from gleancam_engines.errors import CalibrationError
from gleancam_engines.voting.calibration import UNCALIBRATED, Calibration, Curve
from gleancam_engines.voting.committee import Committee

Method: TypeAlias = Literal["temperature", "isotonic"]
Count = Annotated[int, msgspec.Meta(ge=1)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class CalibrationFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Curves, the committee whose scores they are for, and where they come from.

    Attributes:
        common: for the classes that had too few reviewed labels.
        labels: how many reviewed labels it was fitted on.
        images: in how many images they lie.
        ece_before: expected calibration error of the scores as they are.
        ece_after: the same after calibration, on images that the curve was not fitted on.
    """

    committee: CommitteeIdentity
    method: Method
    common: Curve
    by_class: dict[str, Curve]
    labels: Count
    images: Count
    ece_before: Share
    ece_after: Share

    @property
    def calibration(self) -> Calibration:
        """The curves alone."""
        return Calibration(self.common, self.by_class)


def calibration_path(directory: Path, committee: Committee) -> Path:
    """Return where the calibration of a committee lies in a directory of models, if it has one."""
    return directory / "calibrations" / f"{committee_digest(committee)}.json"


def load_calibration(directory: Path, committee: Committee) -> Calibration:
    """Return the calibration that lies beside the models in `directory`; without, the identity.

    Raises:
        CalibrationError: it cannot be read, is damaged, or is of another committee.
    """
    path = calibration_path(directory, committee)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return UNCALIBRATED
    except OSError as error:
        raise CalibrationError(
            f"{path} cannot be read ({error.strerror}); make it readable, or remove it"
        ) from error
    return parse_calibration(content, committee, str(path)).calibration


def parse_calibration(content: bytes, committee: Committee, where: str) -> CalibrationFile:
    """Return a calibration file that is for this committee.

    Raises:
        CalibrationError: it is damaged or of another committee; `where` is named.
    """
    try:
        found = msgspec.json.decode(content, type=CalibrationFile)
    except msgspec.DecodeError as error:
        raise CalibrationError(
            f"{where} is no calibration ({error}); copy it again, or remove it and take scores as "
            "they are"
        ) from error
    wanted = identity(committee)
    if found.committee.digest != wanted.digest:
        raise CalibrationError(
            f"{where} is of another committee, {found.committee.digest} and not {wanted.digest}: "
            f"{'; '.join(found.committee.differences(wanted))}; make one for this committee with "
            "'gleancam-upstream labels calibrate', or remove it"
        )
    return found


def write_calibration(path: Path, content: CalibrationFile) -> None:
    """Write a calibration durably, making its folder.

    Raises:
        CalibrationError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, msgspec.json.format(msgspec.json.encode(content)))
    except OSError as error:
        raise CalibrationError(
            f"{path} cannot be written ({error.strerror}); free space there, or write elsewhere"
        ) from error
