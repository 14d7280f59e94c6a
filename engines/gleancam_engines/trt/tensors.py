"""The inputs and outputs of a loaded plan, in the words of an engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gleancam_engines.base import TensorSpec
from gleancam_engines.errors import PlanError
from gleancam_engines.trt.profiles import Profile


def read_specs(
    trt: Any, engine: Any, name: str
) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    """Return inputs and outputs, each in the order of the ONNX file.

    Raises:
        PlanError: a tensor lies in the host's memory, or has a type no decoder reads.
    """
    inputs: list[TensorSpec] = []
    outputs: list[TensorSpec] = []
    for at in range(engine.num_io_tensors):
        tensor = engine.get_tensor_name(at)
        is_input = engine.get_tensor_mode(tensor) == trt.TensorIOMode.INPUT
        (inputs if is_input else outputs).append(_spec(trt, engine, tensor, name))
    return tuple(inputs), tuple(outputs)


def read_profiles(engine: Any, inputs: tuple[TensorSpec, ...]) -> tuple[Profile, ...]:
    """Return the batches that the plan takes, by profile; of a fixed batch, the one it takes."""
    free = next((spec for spec in inputs if -1 in spec.shape), None)
    if free is None:
        batch = inputs[0].shape[0]
        return (Profile(batch, batch, batch),)
    found = range(engine.num_optimization_profiles)
    return tuple(_profile(engine.get_tensor_profile_shape(free.name, at)) for at in found)


def _profile(shapes: Any) -> Profile:
    smallest, tuned, largest = (shape[0] for shape in shapes)
    return Profile(smallest, tuned, largest)


def _spec(trt: Any, engine: Any, tensor: str, name: str) -> TensorSpec:
    if engine.get_tensor_location(tensor) != trt.TensorLocation.DEVICE:
        raise PlanError(
            f"{name}: tensor {tensor!r} is a shape, which TensorRT reads on the CPU; export the "
            "model without it, or set backend = 'onnxruntime'"
        )
    kind = engine.get_tensor_dtype(tensor)
    dtype = _dtypes(trt).get(kind)
    if dtype is None:
        raise PlanError(
            f"{name}: tensor {tensor!r} is a {kind}, which no decoder here reads; export the model "
            "with floating-point tensors"
        )
    return TensorSpec(tensor, dtype, tuple(engine.get_tensor_shape(tensor)))


def _dtypes(trt: Any) -> Mapping[Any, np.dtype[Any]]:
    return {
        trt.DataType.FLOAT: np.dtype(np.float32),
        trt.DataType.HALF: np.dtype(np.float16),
        trt.DataType.UINT8: np.dtype(np.uint8),
        trt.DataType.INT32: np.dtype(np.int32),
        trt.DataType.INT64: np.dtype(np.int64),
    }
