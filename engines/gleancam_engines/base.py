"""The engine contract: named, typed, shaped tensors in; named, typed, shaped tensors out.

Every check that does not depend on a runtime lives here, once; a backend fills in `_infer` and
`close`. Shapes use -1 for the batch dimension alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gleancam_engines.errors import TensorError
from gleancam_engines.precision import Precision

Tensors: TypeAlias = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """Name, dtype and shape of one input or output; -1 is a size known only at run time."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    def check(self, array: npt.NDArray[Any], where: str) -> None:
        """Hold `array` against this specification; `where` begins the message.

        Raises:
            TensorError: dtype or shape differ.
        """
        fits = array.ndim == len(self.shape) and all(
            want in (-1, have) for want, have in zip(self.shape, array.shape, strict=True)
        )
        if array.dtype != self.dtype or not fits:
            raise TensorError(
                f"{where} {self.name!r} must be {self.shape} {self.dtype}, "
                f"but got {array.shape} {array.dtype}"
            )


@dataclass(frozen=True, slots=True)
class Provenance:
    """What runs a model, exactly enough to say whether it is what was verified.

    Attributes:
        model_id: `name@sha256[:12]` of the model's fp32 weights.
        backend: `onnxruntime`, `openvino`, `tensorrt`, `fake`.
        library: version of that library.
        device: `cpu`, or the name of the GPU and its compute capability (`orin-sm87`).
        precision: what it computes in.
        content_sha256: of the bytes that were loaded: an ONNX file or a plan.
    """

    model_id: str
    backend: str
    library: str
    device: str
    precision: Precision
    content_sha256: str

    def __str__(self) -> str:
        return f"{self.backend}/{self.device}/{self.precision}"


class Engine(ABC):
    """A loaded model on one backend, used by one thread at a time.

    Attributes:
        provenance: what runs it.
        inputs: the tensors `infer` wants.
        outputs: the tensors `infer` gives.
        largest_batch: the most pictures it takes at once; None: any number.
    """

    provenance: Provenance
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    largest_batch: int | None = None

    @property
    def model_id(self) -> str:
        """`name@sha256[:12]` of the model's weights."""
        return self.provenance.model_id

    @property
    def backend(self) -> str:
        """What runs it, for people: `onnxruntime/cpu/fp32`."""
        return str(self.provenance)

    def infer(self, tensors: Tensors) -> dict[str, npt.NDArray[Any]]:
        """Run the model once.

        Raises:
            TensorError: an input or output is missing, unknown, of another dtype or shape, or a
                floating-point output holds NaN or infinity.
        """
        self._check("input", self.inputs, tensors)
        return self._checked(self._infer(tensors))

    def _checked(self, results: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Hold what the model gave against its outputs."""
        self._check("output", self.outputs, results)
        for name, array in results.items():
            if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
                raise TensorError(f"{self.model_id}: output {name!r} holds NaN or infinity")
        return results

    @abstractmethod
    def _infer(self, tensors: Tensors) -> dict[str, npt.NDArray[Any]]:
        """Run the model on checked inputs."""

    @abstractmethod
    def close(self) -> None:
        """Free what the backend holds; a second call does nothing."""

    def _check(self, role: str, specs: tuple[TensorSpec, ...], tensors: Tensors) -> None:
        want, have = {spec.name for spec in specs}, set(tensors)
        if want != have:
            raise TensorError(
                f"{self.model_id}: {role}s must be {sorted(want)}, but got {sorted(have)}"
            )
        for spec in specs:
            spec.check(tensors[spec.name], f"{self.model_id}: {role}")
