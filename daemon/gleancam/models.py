"""The models this device runs, opened before anything else starts."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gleancam.config.keys import Models
from gleancam.notify import Notifier
from gleancam_engines.detectors.base import Detector
from gleancam_engines.detectors.loading import open_detector
from gleancam_engines.embedder import Embedder, open_embedder
from gleancam_engines.manifest import Manifest, load
from gleancam_engines.opening import Opening
from gleancam_engines.planes import JPEG_COLORIMETRY, Planes

LOAD_BUDGET_S = 120.0
"""What systemd is asked to allow for loading one model."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoadedModels:
    """One embedder and any number of detectors.

    Attributes:
        manifests: of the embedder, then of the detectors in order.
    """

    embedder: Embedder
    detectors: tuple[Detector, ...]
    manifests: tuple[Manifest, ...]

    def close(self) -> None:
        """Free all of them."""
        for detector in self.detectors:
            detector.close()
        self.embedder.close()


def open_models(models: Models, notifier: Notifier) -> LoadedModels:
    """Open and warm every model the configuration names, and tell systemd meanwhile.

    Raises:
        EngineError: one cannot be used.
    """
    root = Path(models.directory)
    _announce(models.embedder, notifier)
    embedder = open_embedder(root / models.embedder, opening(models))
    detectors = tuple(_open_detector(root / name, models, notifier) for name in models.detectors)
    _warm(embedder, detectors)
    names = (models.embedder, *models.detectors)
    return LoadedModels(embedder, detectors, tuple(load(root / name) for name in names))


def _open_detector(directory: Path, models: Models, notifier: Notifier) -> Detector:
    _announce(directory.name, notifier)
    return open_detector(directory, opening(models), confidence=models.raw_confidence)


def opening(models: Models) -> Opening:
    """Return how the configuration wants every model to be run."""
    return Opening(models.backend, models.precision, models.threads, (1, models.batch))


def _warm(embedder: Embedder, detectors: tuple[Detector, ...]) -> None:
    """Run every model once: the first run of a backend is slow, and a broken model shows here."""
    grey, chroma = np.full((64, 64), 128, np.uint8), np.full((32, 32), 128, np.uint8)
    picture = Planes(grey, chroma, chroma, JPEG_COLORIMETRY)
    embedder.embed([picture])
    for detector in detectors:
        detector.detect(picture)


def _announce(name: str, notifier: Notifier) -> None:
    log.info("loading model %s", name)
    notifier.status(f"loading model {name}")
    notifier.extend_timeout(LOAD_BUDGET_S)
