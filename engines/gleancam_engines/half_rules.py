"""Which nodes of a model compute in fp32 when the rest of it is turned to fp16.

fp16 holds magnitudes from about 6e-8 to 65504. Matrix products of a trained model stay inside it,
and are where the time goes. Sums over many elements, powers and exponentials leave it: the squared
length of an embedding of 512 numbers overflows when they are above 11. The list is that of
PyTorch's automatic mixed precision (torch.amp, "ops that autocast to float32"), but for softmax,
whose outputs are in 0…1 and which TensorRT fuses with the products around it, and for layer
normalisation as one node, which computes in fp32 inside by its definition (ONNX, `stash_type`).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

LARGEST = 65504.0
SMALLEST_NORMAL = 2.0**-14

PRODUCTS = frozenset({"Conv", "ConvTranspose", "Einsum", "Gemm", "MatMul"})
"""Always in fp16: this is what the conversion is for."""

RANGES = frozenset(
    {
        *("BatchNormalization", "CumSum", "Exp", "InstanceNormalization", "Log", "Pow", "Range"),
        *("NonMaxSuppression", "Reciprocal", "ReduceL1", "ReduceL2", "ReduceLogSum"),
        *("ReduceLogSumExp", "ReduceMean", "ReduceProd", "ReduceSum", "ReduceSumSquare"),
        *("RoiAlign", "Softplus"),
    }
)
"""Always in fp32. A normalisation by stored statistics has variances that fp16 loses."""

ALWAYS_FP32_INPUTS = {"Resize": frozenset({1, 2}), "Upsample": frozenset({1})}
"""Inputs that ONNX wants in fp32 whatever the node computes in: region and scales."""


def computes_in_fp32(
    op: str, inputs_fp32: Iterable[bool], constants: Iterable[npt.NDArray[np.float32]]
) -> bool:
    """Return whether a node computes in fp32.

    Everything that is no product follows its inputs: a chain that began in fp32 goes on in it up
    to the next product, so that nothing is rounded half-way through a normalisation.

    Args:
        op: the node's type.
        inputs_fp32: of each floating-point input that is computed, whether it is in fp32.
        constants: its other floating-point inputs.
    """
    if op in PRODUCTS:
        return False
    return op in RANGES or any(inputs_fp32) or any(leaves_range(value) for value in constants)


def leaves_range(values: npt.NDArray[np.float32]) -> bool:
    """Return whether fp16 cannot stand for a constant: too large, or a lone number too small.

    A small number among the weights of a layer is rounded to less than the others' rounding; an
    epsilon that becomes 0 divides by 0. Infinities are exact in fp16.
    """
    magnitudes = np.abs(values[np.isfinite(values)])
    if magnitudes.size and magnitudes.max() > LARGEST:
        return True
    lone = values.size == 1 and magnitudes.size == 1
    return lone and 0 < float(magnitudes.reshape(-1)[0]) < SMALLEST_NORMAL
