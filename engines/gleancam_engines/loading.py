"""From a model directory to a running engine."""

from __future__ import annotations

from pathlib import Path

from gleancam_engines.base import Engine
from gleancam_engines.choice import settle
from gleancam_engines.errors import BackendUnavailableError, ManifestError
from gleancam_engines.manifest import Manifest, load
from gleancam_engines.onnxruntime_ import OnnxRuntimeEngine
from gleancam_engines.opening import DEFAULT, Opening
from gleancam_engines.openvino_ import OpenVinoEngine
from gleancam_engines.pictures import HostPictures, Pictures


def open_pictures(directory: Path, manifest: Manifest, opening: Opening = DEFAULT) -> Pictures:
    """Open the model of `directory` with the preprocessing its manifest declares.

    Raises:
        EngineError: as `open_engine`.
    """
    return HostPictures(_open_checked(directory, manifest, settle(opening)), manifest.preprocess)


def open_engine(directory: Path, opening: Opening = DEFAULT) -> Engine:
    """Open the model of `directory`, its file verified and its tensors as its manifest says.

    Raises:
        ManifestError: the manifest is missing or wrong, or the model has other tensors.
        ModelFileError: the model file is missing, has another hash, or is no model.
        BackendUnavailableError: the backend's library is not installed, or the backend or this
            machine has no such precision.
    """
    return _open_checked(directory, load(directory), settle(opening))


def _open_checked(directory: Path, manifest: Manifest, opening: Opening) -> Engine:
    engine = _open(directory, manifest, opening)
    try:
        _compare(engine, manifest)
    except ManifestError:
        engine.close()
        raise
    return engine


def _open(directory: Path, manifest: Manifest, opening: Opening) -> Engine:
    if opening.backend == "tensorrt":
        raise BackendUnavailableError(
            "backend 'tensorrt' is not part of this release; set backend = 'onnxruntime'"
        )
    if opening.backend == "openvino":
        return OpenVinoEngine(
            directory, manifest, threads=opening.threads, precision=opening.precision
        )
    return OnnxRuntimeEngine(directory, manifest, threads=opening.threads)


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
