"""How a model is to be run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from gleancam_engines.errors import BackendUnavailableError
from gleancam_engines.precision import Precision

Backend: TypeAlias = Literal["auto", "onnxruntime", "openvino", "tensorrt"]

BACKENDS: tuple[Backend, ...] = get_args(Backend)

COMPUTES: Mapping[Backend, tuple[Precision, ...]] = {
    "onnxruntime": ("fp32", "int8"),
    "openvino": ("fp32", "bf16", "int8"),
    "tensorrt": ("fp32", "fp16", "int8"),
}
"""The precisions that a backend knows; whether this machine has them is another question."""

AUTO: tuple[Backend, ...] = ("tensorrt", "onnxruntime")
"""What `auto` chooses between."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a person chose.

    Attributes:
        backend: what runs the model; `auto` takes what this machine has.
        precision: what it computes in.
        threads: how many threads of the CPU one call may use.
        batches: sizes of batches that will be given, smallest first; what a backend optimises for.
        unverified: run also what no receipt vouches for. For measuring; never for a daemon.

    Raises:
        BackendUnavailableError: the backend does not compute in the precision.
    """

    backend: Backend = "auto"
    precision: Precision = "fp32"
    threads: int = 1
    batches: tuple[int, ...] = (1,)
    unverified: bool = False

    def __post_init__(self) -> None:
        if self.backend != "auto":
            require_precision(self.backend, self.precision)


def require_precision(backend: Backend, precision: Precision) -> None:
    """Hold a backend that was chosen against a precision.

    Raises:
        BackendUnavailableError: it does not compute in it.
    """
    if precision in COMPUTES[backend]:
        return
    others = " or ".join(repr(name) for name in able(precision))
    raise BackendUnavailableError(
        f"backend {backend!r} computes in {', '.join(COMPUTES[backend])}, not in {precision}; "
        f"set precision = 'fp32' or backend = {others}"
    )


def able(precision: Precision) -> tuple[Backend, ...]:
    """Return the backends that compute in a precision."""
    return tuple(backend for backend, known in COMPUTES.items() if precision in known)


def possible(backend: Backend) -> tuple[Backend, ...]:
    """Return what a choice may come to: for `auto` any of `AUTO`, else itself."""
    return AUTO if backend == "auto" else (backend,)


DEFAULT = Opening()
