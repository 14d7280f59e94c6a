"""What a builder learns from ONNX bytes: tensors, operators, and what the parser refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import onnx
from google.protobuf.message import DecodeError

DTYPES: Mapping[int, str] = {
    onnx.TensorProto.FLOAT: "FLOAT",
    onnx.TensorProto.FLOAT16: "HALF",
    onnx.TensorProto.BFLOAT16: "BF16",
    onnx.TensorProto.INT8: "INT8",
    onnx.TensorProto.UINT8: "UINT8",
    onnx.TensorProto.INT32: "INT32",
    onnx.TensorProto.INT64: "INT64",
    onnx.TensorProto.BOOL: "BOOL",
}
QUANTISING = ("QuantizeLinear", "DequantizeLinear")


@dataclass(frozen=True)
class GraphTensor:
    """An input or output; sizes are numbers, names of free ones, or empty where nothing is said."""

    name: str
    dtype: str
    sizes: tuple[int | str, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape, with -1 for what is free."""
        return tuple(size if isinstance(size, int) else -1 for size in self.sizes)

    def sized(self, free: Mapping[str, int]) -> tuple[int, ...]:
        """Return the shape once the free sizes are known; -1 for those that are not."""
        return tuple(size if isinstance(size, int) else free.get(size, -1) for size in self.sizes)


@dataclass(frozen=True)
class Graph:
    """The graph of a model.

    Attributes:
        unsigned: nodes that quantise to uint8, which TensorRT's parser does not take.
    """

    inputs: tuple[GraphTensor, ...]
    outputs: tuple[GraphTensor, ...]
    operators: tuple[str, ...]
    unsigned: frozenset[int] = frozenset()


def read_graph(content: bytes) -> Graph | None:
    """Return the graph, or None where the bytes are no ONNX model."""
    try:
        model = onnx.load_model_from_string(content)
    except DecodeError:
        return None
    constants = {tensor.name for tensor in model.graph.initializer}
    unsigned = {
        tensor.name
        for tensor in model.graph.initializer
        if tensor.data_type == onnx.TensorProto.UINT8
    }
    inputs = [value for value in model.graph.input if value.name not in constants]
    return Graph(
        inputs=tuple(_tensor(value) for value in inputs),
        outputs=tuple(_tensor(value) for value in model.graph.output),
        operators=tuple(node.op_type for node in model.graph.node),
        unsigned=frozenset(
            at
            for at, node in enumerate(model.graph.node)
            if node.op_type in QUANTISING and node.input[2:] and node.input[2] in unsigned
        ),
    )


def _tensor(value: onnx.ValueInfoProto) -> GraphTensor:
    kind = value.type.tensor_type
    sizes = tuple(
        dim.dim_value if dim.HasField("dim_value") else dim.dim_param for dim in kind.shape.dim
    )
    return GraphTensor(value.name, DTYPES[kind.elem_type], sizes)
