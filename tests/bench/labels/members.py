"""The three detectors: where they are, and how good their makers say they are."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from gleancam_engines.detectors.base import Detector
from gleancam_engines.detectors.loading import open_detector
from gleancam_engines.manifest import FILE_NAME, Manifest, load
from gleancam_engines.opening import Opening

RAW_CONFIDENCE = 0.05
"""Down to which the device keeps raw boxes."""
THREADS = 2


@dataclass(frozen=True, slots=True)
class Model:
    """A detector.

    Attributes:
        published: AP on the whole of COCO val2017, as its makers measured it: YOLOX's README;
            PicoDet-S 416 (1.2 million parameters) in PaddleDetection's; EfficientDet-Lite2 in
            TensorFlow Lite Model Maker's. Nothing that is measured here enters a weight.
    """

    directory: Path
    manifest: Manifest
    published: float

    @property
    def name(self) -> str:
        """The manifest's."""
        return self.manifest.name

    def open(self) -> Detector:
        """Open it as the device does, with every raw box."""
        return open_detector(self.directory, Opening(threads=THREADS), confidence=RAW_CONFIDENCE)


def models(fetched: Path, efficientdet: Path, made: Path) -> tuple[Model, ...]:
    """Return the three.

    Args:
        fetched: folder of the catalogue's models.
        efficientdet: `effdet_lite2.onnx`, which the catalogue does not have.
        made: folder in which a model directory for it is made.
    """
    return (
        _model(fetched / "yolox-nano", 25.8),
        _model(fetched / "picodet-416", 32.5),
        _model(_directory(efficientdet, made / "efficientdet-lite2"), 33.97),
    )


def _model(directory: Path, published: float) -> Model:
    return Model(directory, load(directory), published)


def _directory(weights: Path, directory: Path) -> Path:
    """Put file and manifest together; opening it checks that the file is the right one."""
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(__file__).with_name(f"{directory.name}.toml"), directory / FILE_NAME)
    shutil.copyfile(weights, directory / "effdet_lite2.onnx")
    return directory
