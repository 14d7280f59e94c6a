"""The three detectors: where they are, and how they are opened."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from gleancam_engines import catalogue
from gleancam_engines.detectors.base import Detector
from gleancam_engines.detectors.loading import open_detector
from gleancam_engines.manifest import FILE_NAME, Manifest, load
from gleancam_engines.opening import Opening

RAW_CONFIDENCE = 0.05
"""Down to which the device keeps raw boxes."""
THREADS = 2


@dataclass(frozen=True, slots=True)
class Model:
    """A detector."""

    directory: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """The manifest's."""
        return self.manifest.name

    @property
    def published(self) -> float:
        """AP as its makers published it, 0…1: nothing that is measured here enters a weight."""
        if self.manifest.ap is None:
            raise ValueError(f"the manifest of {self.name} has no ap; say what was published")
        return self.manifest.ap

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
    own = _directory(efficientdet, made / "efficientdet-lite2")
    return (
        *(
            Model(fetched / name, load(catalogue.find(name)))
            for name in ("yolox-nano", "picodet-416")
        ),
        Model(own, load(own)),
    )


def _directory(weights: Path, directory: Path) -> Path:
    """Put file and manifest together; opening it checks that the file is the right one."""
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(__file__).with_name(f"{directory.name}.toml"), directory / FILE_NAME)
    shutil.copyfile(weights, directory / "effdet_lite2.onnx")
    return directory
