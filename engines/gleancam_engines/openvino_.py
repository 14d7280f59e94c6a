"""OpenVINO, on the CPU. The only file that imports it, and only when an engine is opened."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from gleancam_engines.base import Engine, Provenance, Tensors, TensorSpec
from gleancam_engines.errors import BackendUnavailableError, ModelFileError, TensorError
from gleancam_engines.manifest import Manifest, Tensor
from gleancam_engines.precision import Precision
from gleancam_engines.variants import read_variant

if TYPE_CHECKING:
    import openvino

_DTYPES = {
    "f32": np.float32,
    "f16": np.float16,
    "u8": np.uint8,
    "i32": np.int32,
    "i64": np.int64,
}
_PRECISIONS: dict[Precision, tuple[str, str]] = {
    "fp32": ("f32", "FP32"),
    "bf16": ("bf16", "BF16"),
    # The file says what is int8; the hint is for the rest.
    "int8": ("f32", "INT8"),
}
"""By precision: the hint in OpenVINO's own name, and what OPTIMIZATION_CAPABILITIES must list."""


class OpenVinoEngine(Engine):
    """A model on OpenVINO's CPU plug-in.

    Args:
        directory: the model's.
        manifest: of that directory.
        threads: how many threads one call to `infer` may use.
        precision: what the plug-in computes in, `fp32`, `bf16` or `int8`, for which there is a
            file of its own; tensors stay as declared.

    Raises:
        BackendUnavailableError: openvino is not installed, or this CPU has no such precision.
        ModelFileError: the file is missing, has the wrong hash, is no model, or is one that
            OpenVINO cannot run.
    """

    def __init__(
        self, directory: Path, manifest: Manifest, *, threads: int, precision: Precision = "fp32"
    ) -> None:
        content = read_variant(directory, manifest, "int8" if precision == "int8" else "fp32")
        core = _core()
        _require(precision, core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
        model = _read(core, content, manifest.model_id)
        compiled = _compile(core, model, _options(threads, precision), manifest.model_id)
        self._request: openvino.InferRequest | None = compiled.create_infer_request()
        self.inputs = _specs(model.inputs, manifest.inputs)
        self.outputs = _specs(model.outputs, manifest.outputs)
        self.provenance = Provenance(
            model_id=manifest.model_id,
            backend="openvino",
            library=version("openvino"),
            device="cpu",
            precision=precision,
            content_sha256=hashlib.sha256(content).hexdigest(),
        )

    def _infer(self, tensors: Tensors) -> dict[str, npt.NDArray[Any]]:
        if self._request is None:
            raise TensorError(f"{self.model_id}: infer after close")
        # Shared inputs would save a copy, and the request would hold the caller's last batch.
        results = self._request.infer(dict(tensors), share_inputs=False, share_outputs=False)
        return {spec.name: results[at] for at, spec in enumerate(self.outputs)}

    def close(self) -> None:
        """Free the compiled model; a second call does nothing."""
        self._request = None


def _core() -> openvino.Core:
    """Import OpenVINO without its telemetry.

    `import openvino` reports itself to Google Analytics and writes below the home directory unless
    the user has opted out; without the package openvino_telemetry it uses a stub of its own.
    """
    # None makes the import system raise ImportError for this name.
    cast("dict[str, object]", sys.modules).setdefault("openvino_telemetry", None)
    try:
        import openvino
    except ImportError as error:
        raise BackendUnavailableError(
            f"openvino cannot be imported ({error}); run 'pip install gleancam[openvino]'"
        ) from error
    return openvino.Core()


def _require(precision: Precision, capabilities: Collection[str]) -> None:
    """Refuse what the CPU lacks: the plug-in would compile it, and compute in something else."""
    if precision not in _PRECISIONS or _PRECISIONS[precision][1] not in capabilities:
        raise BackendUnavailableError(
            f"this CPU computes no {precision} (OpenVINO lists {', '.join(capabilities)}); "
            "set precision = 'fp32'"
        )


def _options(threads: int, precision: Precision) -> dict[str, object]:
    return {
        "PERFORMANCE_HINT": "LATENCY",
        # Without it the plug-in chooses bf16 by itself where the CPU has it.
        "INFERENCE_PRECISION_HINT": _PRECISIONS[precision][0],
        "INFERENCE_NUM_THREADS": threads,
        # Pinned threads of two models, or of two processes, would meet on the same cores.
        "ENABLE_CPU_PINNING": False,
    }


def _read(core: openvino.Core, content: bytes, model_id: str) -> openvino.Model:
    try:
        return core.read_model(content)
    except RuntimeError as error:  # OpenVINO raises nothing narrower
        raise ModelFileError(
            f"{model_id}: OpenVINO cannot read the model ({_brief(error)}); export it again with "
            "an opset this version knows"
        ) from error


def _compile(
    core: openvino.Core, model: openvino.Model, options: dict[str, object], model_id: str
) -> openvino.CompiledModel:
    try:
        return core.compile_model(model, "CPU", options)
    except RuntimeError as error:  # as above
        raise ModelFileError(
            f"{model_id}: OpenVINO cannot run the model ({_brief(error)}); "
            "set backend = 'onnxruntime'"
        ) from error


def _brief(error: RuntimeError) -> str:
    """Return the last line: those before it say where in OpenVINO's own source it arose."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def _specs(ports: Collection[Any], declared: tuple[Tensor, ...]) -> tuple[TensorSpec, ...]:
    known = {tensor.name for tensor in declared}
    return tuple(_spec(port, known) for port in ports)


def _spec(port: Any, known: set[str]) -> TensorSpec:
    """Translate OpenVINO's description; of the names of a tensor, take the manifest's."""
    name = min(port.names & known, default=port.any_name)
    kind = port.element_type.get_type_name()
    if kind not in _DTYPES:
        raise ModelFileError(f"tensor {name!r} is a {kind}, which no decoder here reads")
    shape = tuple(-1 if side.is_dynamic else side.get_length() for side in port.partial_shape)
    return TensorSpec(name, np.dtype(_DTYPES[kind]), shape)
