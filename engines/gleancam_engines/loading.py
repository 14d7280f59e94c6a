"""From a model directory to a running engine."""

from __future__ import annotations

import logging
from pathlib import Path

from gleancam_engines.base import Engine
from gleancam_engines.errors import BackendUnavailableError, ManifestError
from gleancam_engines.manifest import Manifest, load
from gleancam_engines.onnxruntime_ import OnnxRuntimeEngine
from gleancam_engines.openvino_ import OpenVinoEngine

BACKENDS = ("auto", "onnxruntime", "openvino")
PRECISIONS = ("f32", "bf16")

_log = logging.getLogger(__name__)


def open_engine(
    directory: Path, *, backend: str = "auto", threads: int = 1, precision: str = "f32"
) -> Engine:
    """Open the model of `directory`, its file verified and its tensors as its manifest says.

    Raises:
        ManifestError: the manifest is missing or wrong, or the model has other tensors.
        ModelFileError: the model file is missing, has another hash, or is no model.
        BackendUnavailableError: the backend's library is not installed, the backend or this
            machine has no such precision, or there is no such backend.
    """
    manifest = load(directory)
    _check_choice(backend, precision)
    engine = _open(directory, manifest, backend, threads, precision)
    if backend == "auto":
        _log.info("%s: backend %s, in the base install", engine.model_id, engine.backend)
    try:
        _compare(engine, manifest)
    except ManifestError:
        engine.close()
        raise
    return engine


def _check_choice(backend: str, precision: str) -> None:
    if backend not in BACKENDS:
        raise BackendUnavailableError(f"no backend {backend!r}; choose one of {BACKENDS}")
    if precision not in PRECISIONS:
        raise BackendUnavailableError(f"no precision {precision!r}; choose one of {PRECISIONS}")
    if precision != "f32" and backend != "openvino":
        raise BackendUnavailableError(
            f"backend {backend!r} computes in f32, not in {precision}; "
            "set precision = 'f32' or backend = 'openvino'"
        )


def _open(
    directory: Path, manifest: Manifest, backend: str, threads: int, precision: str
) -> Engine:
    if backend == "openvino":
        return OpenVinoEngine(directory, manifest, threads=threads, precision=precision)
    return OnnxRuntimeEngine(directory, manifest, threads=threads)


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
