"""Opening a model, and mending what can be mended without a person: each thing once.

A file with another hash is fetched again, and one in fewer bits is made again. A plan that is
missing, damaged or of another device is built. What has no receipt is verified, on pictures that
this site kept. What is still wrong then is raised.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from gleancam.opening import calibrate_command, verify_command
from gleancam_engines.compile import prepare_plan
from gleancam_engines.errors import (
    EngineError,
    ModelFileError,
    PictureError,
    PlanError,
    ReceiptError,
)
from gleancam_engines.fetch import fetch
from gleancam_engines.fetching.checked import is_whole
from gleancam_engines.fetching.progress import Progress
from gleancam_engines.loading import open_pictures
from gleancam_engines.manifest import Manifest, file_path
from gleancam_engines.opening import Opening
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Planes
from gleancam_engines.reduce import ensure_variant
from gleancam_engines.verify import verify

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patient:
    """A model that is to be opened.

    Attributes:
        directory: where it lies.
        opening: how; its backend is not `auto`.
        site_pictures: reads what this site kept, where pictures are needed.
    """

    directory: Path
    manifest: Manifest
    opening: Opening
    site_pictures: Callable[[], Sequence[Planes]]


Cures: TypeAlias = Mapping[type[EngineError], Callable[[Patient, Progress], None]]
"""What is done about each kind of error."""


def open_mended(patient: Patient, tell: Progress) -> Pictures:
    """Open a model; mend it when that fails, and open it again.

    Raises:
        FetchError: a file is damaged and no source of it can be reached.
        VerificationError: it was verified and does not agree with its reference.
        EngineError: it cannot be opened, and nothing here can mend that.
    """
    return _open(patient, tell, CURES)


def _open(patient: Patient, tell: Progress, cures: Cures) -> Pictures:
    try:
        return open_pictures(patient.directory, patient.manifest, patient.opening)
    except EngineError as error:
        kind = type(error)
        if kind not in cures:
            raise
        log.warning("%s", error)
    cures[kind](patient, tell)
    return _open(patient, tell, {one: cure for one, cure in cures.items() if one is not kind})


def _restore_files(patient: Patient, tell: Progress) -> None:
    directory, manifest = patient.directory, patient.manifest
    if not all(is_whole(file_path(directory, file.name), file) for file in manifest.files):
        log.info("%s: its files are fetched again", manifest.name)
        fetch(directory, directory.parent, tell)
    try:
        ensure_variant(directory, manifest, patient.opening.precision, _calibration(patient), tell)
    except PictureError as error:
        raise _too_few(patient, error, calibrate_command(directory, patient.opening)) from error


def _build(patient: Patient, tell: Progress) -> None:
    opening = patient.opening
    prepare_plan(
        patient.directory,
        precision=opening.precision,
        batches=opening.batches,
        pictures=_calibration(patient),
        tell=tell,
    )


def _verify(patient: Patient, tell: Progress) -> None:
    pictures = patient.site_pictures()
    log.info("%s is verified on %d pictures of this site", patient.manifest.name, len(pictures))
    try:
        verify(patient.directory, patient.opening, pictures, tell)
    except PictureError as error:
        raise _too_few(
            patient, error, verify_command(patient.directory, patient.opening)
        ) from error


def _calibration(patient: Patient) -> Sequence[Planes]:
    return patient.site_pictures() if patient.opening.precision == "int8" else ()


def _too_few(patient: Patient, error: PictureError, command: str) -> ReceiptError:
    return ReceiptError(
        f"{patient.manifest.name}: what waits in the spool does not do for it: {error}, as in "
        f"'{command}'"
    )


CURES: Cures = {ModelFileError: _restore_files, PlanError: _build, ReceiptError: _verify}
