"""How much arithmetic a model is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

from gleancam_engines.errors import BackendUnavailableError, ModelFileError
from gleancam_engines.onnxruntime_ import output_shapes

if TYPE_CHECKING:
    import onnx

Shape: TypeAlias = tuple[int, ...]


def flops(model: bytes) -> int:
    """Return the floating-point operations of one picture: two for each multiply-add.

    Counts convolutions and matrix products, which are nearly all of a vision model. Their shapes
    are those of a run: what an export leaves dynamic, no inference of shapes finds.

    Raises:
        BackendUnavailableError: onnx is not installed.
        ModelFileError: the model is damaged.
    """
    parsed = _parse(model)
    nodes = [node for node in parsed.graph.node if node.op_type in _COUNTED]
    shapes = {one.name: tuple(one.dims) for one in parsed.graph.initializer}
    unknown = {name for node in nodes for name in _read(node)} - set(shapes)
    shapes |= output_shapes(_telling(parsed, unknown))
    return sum(_flops(node, shapes) for node in nodes)


def _parse(model: bytes) -> onnx.ModelProto:
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError as error:
        raise BackendUnavailableError(
            f"a model's arithmetic cannot be counted ({error}); run 'pip install onnx'"
        ) from error
    try:
        return onnx.load_model_from_string(model)
    except DecodeError as error:
        raise ModelFileError(f"no ONNX model ({error}); fetch it again") from error


def _read(node: Any) -> Iterator[str]:
    """Name the tensors whose shapes decide: the two factors and the result."""
    yield from (*node.input[:2], node.output[0])


def _telling(parsed: onnx.ModelProto, names: set[str]) -> bytes:
    """Return a model that gives these tensors besides its own outputs."""
    given = {one.name for one in parsed.graph.output}
    for name in sorted(names - given):
        parsed.graph.output.add().name = name
    whole: bytes = parsed.SerializeToString()
    return whole


def _flops(node: Any, shapes: Mapping[str, Shape]) -> int:
    left, right, out = (shapes[name] for name in _read(node))
    return 2 * _COUNTED[node.op_type](left, right, out, node)


def _convolution(_data: Shape, weight: Shape, out: Shape, _node: Any) -> int:
    return prod(out) * prod(weight[1:])


def _transposed(data: Shape, weight: Shape, _out: Shape, _node: Any) -> int:
    return prod(data) * prod(weight[1:])


def _product(left: Shape, _right: Shape, out: Shape, _node: Any) -> int:
    return prod(out) * left[-1]


def _gemm(left: Shape, _right: Shape, out: Shape, node: Any) -> int:
    transposed = any(one.name == "transA" and one.i for one in node.attribute)
    return prod(out) * left[0 if transposed else -1]


_COUNTED: Mapping[str, Callable[[Shape, Shape, Shape, Any], int]] = {
    "Conv": _convolution,
    "ConvTranspose": _transposed,
    "MatMul": _product,
    "Gemm": _gemm,
}
