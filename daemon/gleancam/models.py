"""The models this device runs, opened before anything else starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from gleancam.config.keys import Models
from gleancam.mending import Patient, open_mended
from gleancam.notify import Notifier
from gleancam.opening import opening
from gleancam.patience import StartProgress, patience
from gleancam.site_pictures import read_site_pictures
from gleancam_engines.base import Provenance
from gleancam_engines.choice import settle
from gleancam_engines.detectors.base import Detector
from gleancam_engines.detectors.loading import decoder
from gleancam_engines.embedder import Embedder
from gleancam_engines.manifest import Manifest, load
from gleancam_engines.opening import Backend, Opening
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import JPEG_COLORIMETRY, Planes


@dataclass(frozen=True, slots=True)
class RunningModel:
    """What one model is, and what runs it."""

    manifest: Manifest
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class LoadedModels:
    """One embedder and any number of detectors.

    Attributes:
        running: what they are: the embedder, then the detectors in order.
    """

    embedder: Embedder
    detectors: tuple[Detector, ...]
    running: tuple[RunningModel, ...]

    def close(self) -> None:
        """Free all of them."""
        for detector in self.detectors:
            detector.close()
        self.embedder.close()


def open_models(models: Models, spool: Path, notifier: Notifier) -> LoadedModels:
    """Open and warm every model the configuration names, mending what can be mended.

    Where `spool` is, pictures that this site kept may be; there need not be one.

    Raises:
        EngineError: one cannot be used.
        SpoolError: pictures are needed, and the spool cannot be read.
    """
    progress = StartProgress(notifier)
    backend = settle(Opening(models.backend, models.precision)).backend
    with patience(notifier):
        opened = [
            _open(patient, progress)
            for patient in _patients(models, backend, partial(_site_pictures, spool))
        ]
        loaded = _put_together(opened, models.raw_confidence)
        progress.enter("trying the models")
        _warm(loaded)
    return loaded


def _patients(
    models: Models, backend: Backend, site_pictures: Callable[[], Sequence[Planes]]
) -> Iterator[Patient]:
    for name in (models.embedder, *models.detectors):
        directory = Path(models.directory) / name
        manifest = load(directory)
        chosen = replace(opening(models, manifest), backend=backend)
        yield Patient(directory, manifest, chosen, site_pictures)


def _site_pictures(spool: Path) -> tuple[Planes, ...]:
    return read_site_pictures(spool) if spool.exists() else ()


def _open(patient: Patient, progress: StartProgress) -> tuple[Manifest, Pictures]:
    progress.enter(f"loading model {patient.directory.name}")
    return patient.manifest, open_mended(patient, progress)


def _put_together(
    opened: Sequence[tuple[Manifest, Pictures]], raw_confidence: float
) -> LoadedModels:
    (manifest, pictures), *others = opened
    return LoadedModels(
        Embedder(pictures, manifest),
        tuple(decoder(one)(pictures, one, raw_confidence) for one, pictures in others),
        tuple(RunningModel(one, pictures.engine.provenance) for one, pictures in opened),
    )


def _warm(models: LoadedModels) -> None:
    """Run every model once: the first run of a backend is slow, and a broken model shows here."""
    grey, chroma = np.full((64, 64), 128, np.uint8), np.full((32, 32), 128, np.uint8)
    picture = Planes(grey, chroma, chroma, JPEG_COLORIMETRY)
    models.embedder.embed([picture])
    for detector in models.detectors:
        detector.detect(picture)
