"""From a model directory to a running engine."""

from __future__ import annotations

import logging
from pathlib import Path

from gleancam_engines.base import Engine
from gleancam_engines.errors import BackendUnavailableError, ManifestError
from gleancam_engines.manifest import Manifest, load
from gleancam_engines.onnxruntime_ import OnnxRuntimeEngine

BACKENDS = ("auto", "onnxruntime")

_log = logging.getLogger(__name__)


def open_engine(directory: Path, *, backend: str = "auto", threads: int = 1) -> Engine:
    """Open the model of `directory`, its file verified and its tensors as its manifest says.

    Raises:
        ManifestError: the manifest is missing or wrong, or the model has other tensors.
        ModelFileError: the model file is missing, has another hash, or is no model.
        BackendUnavailableError: the backend's library is not installed, or no such backend.
    """
    manifest = load(directory)
    if backend not in BACKENDS:
        raise BackendUnavailableError(f"no backend {backend!r}; choose one of {BACKENDS}")
    engine = OnnxRuntimeEngine(directory, manifest, threads=threads)
    if backend == "auto":
        _log.info("%s: backend %s, the only one built so far", engine.model_id, engine.backend)
    try:
        _compare(engine, manifest)
    except ManifestError:
        engine.close()
        raise
    return engine


def _compare(engine: Engine, manifest: Manifest) -> None:
    for role, declared, found in (
        ("inputs", manifest.inputs, engine.inputs),
        ("outputs", manifest.outputs, engine.outputs),
    ):
        want = tuple(tensor.spec() for tensor in declared)
        if want != found:
            raise ManifestError(
                f"{engine.model_id}: its manifest declares {role} {want}, but the model has "
                f"{found}; correct the manifest"
            )
