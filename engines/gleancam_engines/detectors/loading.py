"""From a model directory to a detector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from gleancam_engines.detectors.base import Detector
from gleancam_engines.detectors.detr import DetrDetector
from gleancam_engines.detectors.end_to_end import EndToEndDetector
from gleancam_engines.detectors.picodet import PicodetDetector
from gleancam_engines.detectors.ssd import SsdDetector
from gleancam_engines.detectors.yolov8 import Yolov8Detector
from gleancam_engines.detectors.yolox import YoloxDetector
from gleancam_engines.errors import ManifestError
from gleancam_engines.loading import open_pictures
from gleancam_engines.manifest import Manifest, load
from gleancam_engines.opening import DEFAULT, Opening
from gleancam_engines.pictures import Pictures

Decoder: TypeAlias = Callable[[Pictures, Manifest, float], Detector]
"""Called with the model, its manifest, and the confidence below which boxes are left out."""

DECODERS: Mapping[str, Decoder] = {
    "yolox": YoloxDetector,
    "picodet": PicodetDetector,
    "yolov8": Yolov8Detector,
    "end_to_end": EndToEndDetector,
    "detr": DetrDetector,
    "ssd": SsdDetector,
}
"""By the manifest's `decoder`."""


def open_detector(
    directory: Path, opening: Opening = DEFAULT, *, confidence: float = 0.3
) -> Detector:
    """Open the detector whose model directory this is.

    Raises:
        ManifestError: the manifest is missing, wrong, or not that of a detector.
        ModelFileError: the model file is missing, has another hash, or is no model.
        BackendUnavailableError: the backend cannot run here.
        ValueError: `confidence` is not in 0…1.
    """
    if not 0 <= confidence <= 1:
        raise ValueError(f"confidence must lie in 0…1, but is {confidence}")
    manifest = load(directory)
    decode = decoder(manifest)
    return decode(open_pictures(directory, manifest, opening), manifest, confidence)


def decoder(manifest: Manifest) -> Decoder:
    """Return what makes a detector of a model: the decoding that its manifest names.

    Raises:
        ManifestError: the manifest is not that of a detector.
    """
    if manifest.task != "detect":
        raise ManifestError(
            f"{manifest.name} is a model for {manifest.task!r}, not for 'detect'; "
            "choose a detector (see 'gleancam models list')"
        )
    return DECODERS[manifest.decoder]
