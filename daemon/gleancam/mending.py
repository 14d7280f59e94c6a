"""Opening a model, and mending what can be mended without a person: each thing once.

A file with another hash is fetched again; a plan that is missing, damaged or another device's is
built. What is still wrong then is raised.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from gleancam_engines.compile import prepare_plan
from gleancam_engines.errors import EngineError, ModelFileError, PlanError
from gleancam_engines.fetch import fetch
from gleancam_engines.fetching.checked import is_whole
from gleancam_engines.fetching.progress import Progress
from gleancam_engines.loading import open_pictures
from gleancam_engines.manifest import Manifest, file_path
from gleancam_engines.opening import Opening
from gleancam_engines.pictures import Pictures

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patient:
    """A model that is to be opened.

    Attributes:
        directory: where it lies.
        opening: how; its backend is not `auto`.
    """

    directory: Path
    manifest: Manifest
    opening: Opening


Cures: TypeAlias = Mapping[type[EngineError], Callable[[Patient, Progress], None]]
"""What is done about each kind of error."""


def open_mended(patient: Patient, tell: Progress) -> Pictures:
    """Open a model; mend it when that fails, and open it again.

    Raises:
        FetchError: a file is damaged and no source of it can be reached.
        EngineError: it cannot be opened, and nothing here can mend that.
    """
    return _open(patient, tell, CURES)


def _open(patient: Patient, tell: Progress, cures: Cures) -> Pictures:
    try:
        return open_pictures(patient.directory, patient.manifest, patient.opening)
    except tuple(cures) as error:
        kind = type(error)
        log.warning("%s: %s", patient.manifest.name, error)
    cures[kind](patient, tell)
    return _open(patient, tell, {one: cure for one, cure in cures.items() if one is not kind})


def _fetch_again(patient: Patient, tell: Progress) -> None:
    directory, manifest = patient.directory, patient.manifest
    if all(is_whole(file_path(directory, file.name), file) for file in manifest.files):
        return
    log.info("%s: its files are fetched again", manifest.name)
    fetch(directory, directory.parent, tell)


def _build(patient: Patient, tell: Progress) -> None:
    opening = patient.opening
    prepare_plan(patient.directory, precision=opening.precision, batches=opening.batches, tell=tell)


CURES: Cures = {ModelFileError: _fetch_again, PlanError: _build}
