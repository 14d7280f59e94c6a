"""One matrix product with constant weights, and how weights are rounded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam_engines.planes import Float32Array

STEPS = 127
"""int8 without -128: the same number of steps on both sides."""


@dataclass(frozen=True, slots=True)
class Product:
    """A Conv, Gemm or MatMul.

    Attributes:
        output: its first output's name, which names it.
        activation: the tensor that it multiplies.
        weight: the constant that it multiplies with.
        axis: of the weight's output channels, each of which has a scale of its own.
    """

    output: str
    activation: str
    weight: str
    axis: int


def round_weight(weight: Float32Array, axis: int) -> tuple[npt.NDArray[np.int8], Float32Array]:
    """Return weights as int8 in -127…127, and `(C,)` float32 scales of the channels of `axis`."""
    others = tuple(at for at in range(weight.ndim) if at != axis)
    step = np.abs(weight).max(axis=others, keepdims=True) / STEPS
    scales = np.where(step > 0, step, 1).astype(np.float32)
    steps = np.clip(np.rint(weight / scales), -STEPS, STEPS).astype(np.int8)
    return steps, scales.reshape(-1)
