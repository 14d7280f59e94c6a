"""An engine that gives what it was told to."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from gleancam_engines.base import Engine, Provenance, Tensors
from gleancam_engines.manifest import Manifest
from gleancam_engines.pictures import HostPictures


class Scripted(Engine):
    """Gives the tensors it was made with, and remembers what it was given."""

    def __init__(self, manifest: Manifest, results: dict[str, npt.NDArray[Any]]) -> None:
        self.provenance = Provenance(manifest.model_id, "scripted", "", "cpu", "fp32", "")
        self.inputs = tuple(tensor.spec() for tensor in manifest.inputs)
        self.outputs = tuple(tensor.spec() for tensor in manifest.outputs)
        self.given: Tensors = {}
        self._results = results

    def _infer(self, tensors: Tensors) -> dict[str, npt.NDArray[Any]]:
        self.given = tensors
        return self._results

    def close(self) -> None:
        """Nothing to free."""


def looking(engine: Engine, manifest: Manifest) -> HostPictures:
    """Put the manifest's preprocessing before an engine."""
    return HostPictures(engine, manifest.preprocess)
