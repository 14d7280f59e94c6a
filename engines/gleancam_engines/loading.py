"""From a model directory to a running engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from gleancam_engines.base import Engine, TensorSpec
from gleancam_engines.choice import settle
from gleancam_engines.cuda.engine import DeviceEngine
from gleancam_engines.errors import EngineError, ManifestError
from gleancam_engines.manifest import Manifest, load
from gleancam_engines.onnxruntime_ import OnnxRuntimeEngine, open_onnxruntime
from gleancam_engines.opening import DEFAULT, Opening
from gleancam_engines.openvino_ import OpenVinoEngine
from gleancam_engines.pictures import HostPictures, Pictures
from gleancam_engines.receipt import needs_receipt, require_receipt
from gleancam_engines.tensorrt_ import open_tensorrt


def open_pictures(directory: Path, manifest: Manifest, opening: Opening = DEFAULT) -> Pictures:
    """Open the model of `directory` with the preprocessing its manifest declares.

    On a GPU the preprocessing is done there too.

    Raises:
        EngineError: as `open_engine`.
        TensorError: the GPU cannot do the preprocessing.
    """
    engine = _open_checked(directory, manifest, settle(opening))
    if not isinstance(engine, DeviceEngine):
        return HostPictures(engine, manifest.preprocess)
    try:
        return engine.pictures(manifest.preprocess)
    except EngineError:
        engine.close()
        raise


def open_candidate(model: bytes, manifest: Manifest, *, threads: int) -> Pictures:
    """Open ONNX bytes that are on no disk, on ONNX Runtime: what a converter wants to try.

    Raises:
        BackendUnavailableError: onnxruntime is not installed.
        ModelFileError: the bytes are no model.
    """
    engine = OnnxRuntimeEngine(model, manifest, threads=threads)
    return HostPictures(engine, manifest.preprocess)


def open_engine(directory: Path, opening: Opening = DEFAULT) -> Engine:
    """Open the model of `directory`, its file verified and its tensors as its manifest says.

    Raises:
        ManifestError: the manifest is missing or wrong, or the model has other tensors.
        ModelFileError: the model file is missing, has another hash, or is no model.
        BackendUnavailableError: the backend's library is not installed, or the backend or this
            machine has no such precision.
        PlanError: the model was not compiled for this device, or its plan was damaged.
        ReceiptError: it is compiled or of reduced precision, and nothing vouches for it.
        VerificationError: its receipt says that it does not agree with its reference.
        DeviceError: the GPU failed.
    """
    return _open_checked(directory, load(directory), settle(opening))


def _open_checked(directory: Path, manifest: Manifest, opening: Opening) -> Engine:
    engine = _open(directory, manifest, opening)
    try:
        _compare(engine, manifest)
        if needs_receipt(engine.provenance) and not opening.unverified:
            require_receipt(directory, engine.provenance)
    except EngineError:
        engine.close()
        raise
    return engine


def _open(directory: Path, manifest: Manifest, opening: Opening) -> Engine:
    if opening.backend == "tensorrt":
        return open_tensorrt(
            directory, manifest, precision=opening.precision, batches=opening.batches
        )
    if opening.backend == "openvino":
        return OpenVinoEngine(
            directory, manifest, threads=opening.threads, precision=opening.precision
        )
    return open_onnxruntime(
        directory, manifest, threads=opening.threads, precision=opening.precision
    )


def _compare(engine: Engine, manifest: Manifest) -> None:
    for role, declared, found in (
        ("inputs", manifest.inputs, engine.inputs),
        ("outputs", manifest.outputs, engine.outputs),
    ):
        want = tuple(tensor.spec() for tensor in declared)
        if want not in (found, _as_full(engine, found)):
            raise ManifestError(
                f"{engine.model_id}: its manifest declares {role} {want}, but the model has "
                f"{found}; correct the manifest"
            )


def _as_full(engine: Engine, found: tuple[TensorSpec, ...]) -> tuple[TensorSpec, ...]:
    """Return tensors as the manifest of the fp32 file declares them: only fp16 changes types."""
    if engine.provenance.precision != "fp16":
        return found
    full = np.dtype(np.float32)
    return tuple(replace(one, dtype=full) if one.dtype == np.float16 else one for one in found)
