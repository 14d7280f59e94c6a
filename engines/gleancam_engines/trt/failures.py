"""From what TensorRT logged to an error with its cause and cure: its calls only return nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from gleancam_engines.errors import CompileError, CompileMemoryError, EngineError, ModelFileError

_MEMORY = re.compile(
    r"out ?of ?memory|bad_alloc|insufficient workspace|cudaErrorMemoryAllocation|MEM_ALLOC_FAILED",
    re.IGNORECASE,
)
_PLACE = re.compile(r"^\[[\w.]+(::\w+)+\] ")
"""Where in TensorRT's own source an error arose, at the start of a line of its log."""


def parse_failure(trt: Any, parser: Any, name: str) -> EngineError:
    """Return why the ONNX file was refused: damaged, or with a node TensorRT cannot take."""
    errors = [parser.get_error(at) for at in range(parser.num_errors)]
    codes = {error.code() for error in errors}
    if not codes or trt.ErrorCode.MODEL_DESERIALIZE_FAILED in codes:
        return ModelFileError(
            f"{name}: its ONNX file is damaged or cut short; run 'gleancam models fetch {name}', "
            "or export it again"
        )
    nodes = "; ".join(dict.fromkeys(_node(error) for error in errors))
    return CompileError(
        f"{name}: TensorRT {trt.__version__} does not take {nodes}; export the model with another "
        "opset, or set backend = 'onnxruntime'"
    )


def _node(error: Any) -> str:
    where = f"operator {error.node_operator()} (node {error.node_name()!r})"
    said = brief(error.desc())
    return f"{where}: {said}" if error.node_operator() else said


def build_failure(errors: Sequence[str], name: str) -> CompileError:
    """Return why the builder gave no plan, from the errors it logged, oldest first."""
    said = next((text for text in errors if is_memory(text)), None)
    if said is not None:
        return CompileMemoryError(
            f"{name}: too little memory to compile it ({brief(said)}); stop what else uses the "
            "device (gleancam itself), compile for smaller batches (--batch), or change the limit "
            "on scratch memory (--workspace, in MiB)"
        )
    reason = brief(errors[-1]) if errors else "TensorRT gave no reason"
    return CompileError(
        f"{name}: TensorRT cannot build it ({reason}); try another precision, or set "
        "backend = 'onnxruntime'"
    )


def is_memory(message: str) -> bool:
    """Say whether a message of TensorRT's log is about memory that is used up."""
    return bool(_MEMORY.search(message))


def brief(message: str) -> str:
    """Return one line of a message of TensorRT's log, without where in its source it arose."""
    return " ".join(_PLACE.sub("", message).split())[:400]
