"""ONNX Runtime, on the CPU. The only file that imports it, and only when an engine is opened."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gleancam_engines.base import Engine, Provenance, Tensors, TensorSpec
from gleancam_engines.cpu import arithmetic
from gleancam_engines.errors import BackendUnavailableError, ModelFileError, TensorError
from gleancam_engines.manifest import Manifest
from gleancam_engines.precision import Precision
from gleancam_engines.variants import read_variant

if TYPE_CHECKING:
    import onnxruntime

_DTYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(uint8)": np.uint8,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}


class OnnxRuntimeEngine(Engine):
    """A model on ONNX Runtime's CPU provider.

    Args:
        model: the bytes of an ONNX file.
        manifest: of the model.
        threads: how many threads one call to `infer` may use.
        precision: what the file computes in, `fp32` or `int8`.

    Raises:
        BackendUnavailableError: onnxruntime is not installed.
        ModelFileError: the bytes are no model.
    """

    def __init__(
        self, model: bytes, manifest: Manifest, *, threads: int, precision: Precision = "fp32"
    ) -> None:
        self._session: onnxruntime.InferenceSession | None = _open(
            model, threads, manifest.model_id
        )
        self.provenance = Provenance(
            model_id=manifest.model_id,
            backend="onnxruntime",
            library=version("onnxruntime"),
            device="cpu",
            precision=precision,
            content_sha256=hashlib.sha256(model).hexdigest(),
        )
        self.inputs = tuple(_spec(one) for one in self._session.get_inputs())
        self.outputs = tuple(_spec(one) for one in self._session.get_outputs())

    def _infer(self, tensors: Tensors) -> dict[str, npt.NDArray[Any]]:
        if self._session is None:
            raise TensorError(f"{self.model_id}: infer after close")
        names = [spec.name for spec in self.outputs]
        return dict(zip(names, self._session.run(names, dict(tensors)), strict=True))

    def close(self) -> None:
        """Free the session; a second call does nothing."""
        self._session = None


def open_onnxruntime(
    directory: Path, manifest: Manifest, *, threads: int, precision: Precision = "fp32"
) -> OnnxRuntimeEngine:
    """Open the model of a directory, or its variant in `precision`.

    Raises:
        BackendUnavailableError: onnxruntime is not installed.
        ModelFileError: the file is missing, has the wrong hash, or is no model.
    """
    model = read_variant(directory, manifest, precision)
    return OnnxRuntimeEngine(model, manifest, threads=threads, precision=precision)


def output_shapes(model: bytes) -> dict[str, tuple[int, ...]]:
    """Run a model once on zeros and return the shape of everything it takes and gives.

    A size that is known only at run time is taken as 1.

    Raises:
        BackendUnavailableError: onnxruntime is not installed.
        ModelFileError: the bytes are no model.
    """
    session = _open(model, 1, "model")
    specs = [_spec(one) for one in session.get_inputs()]
    given = {one.name: np.zeros([max(side, 1) for side in one.shape], one.dtype) for one in specs}
    names = [one.name for one in session.get_outputs()]
    results = zip(names, session.run(names, given), strict=True)
    return {name: array.shape for name, array in (*given.items(), *results)}


def _open(model: bytes, threads: int, model_id: str) -> onnxruntime.InferenceSession:
    try:
        import onnxruntime as ort
        from onnxruntime.capi import onnxruntime_pybind11_state as failures
    except ImportError as error:
        raise BackendUnavailableError(
            "onnxruntime is not installed; run 'pip install onnxruntime'"
        ) from error
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning threads win microseconds here and cost every other thread of the machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if "vnni" not in arithmetic():
        # The kernels of int8 add in 16 bits and overflow; slower ones do not. Where nothing
        # overflows it must stay off: it refuses models that use one int8 tensor twice.
        options.add_session_config_entry("session.x64quantprecision", "1")
    try:
        return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except (failures.Fail, failures.InvalidProtobuf, failures.InvalidGraph) as error:
        raise ModelFileError(
            f"{model_id}: ONNX Runtime cannot read the model ({error}); export it again with an "
            "opset this version knows"
        ) from error


def _spec(node: Any) -> TensorSpec:
    """Translate ONNX Runtime's description; a named dimension is known only at run time."""
    if node.type not in _DTYPES:
        raise ModelFileError(f"tensor {node.name!r} is a {node.type}, which no decoder here reads")
    shape = tuple(side if isinstance(side, int) else -1 for side in node.shape)
    return TensorSpec(node.name, np.dtype(_DTYPES[node.type]), shape)
