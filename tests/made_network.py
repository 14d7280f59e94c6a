"""A small convolutional embedder, one product of which int8 cannot do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from gleancam_engines.planes import Float32Array, Planes
from made_models import DIM, SIDE
from made_planes import HD, from_rgb, scenery

HARMED = "sum"
"""The output of the product that int8 harms: its input has a channel a thousand times the others.

The channel's weights are a thousandth of the others', so that it matters no more than they do.
"""


def varied(count: int) -> list[Planes]:
    """Return made pictures, all different."""
    return [from_rgb(scenery(48, 64, seed), HD) for seed in range(count)]


def network(opset: int = 17) -> bytes:
    """Return an ONNX model `(N, 3, SIDE, SIDE)` to `(N, DIM)` with four products."""
    rng = np.random.default_rng(11)

    def weights(*shape: int) -> Float32Array:
        drawn = rng.standard_normal(shape).astype(np.float32)
        return np.asarray(drawn / np.float32(np.prod(shape[1:]) ** 0.5))

    edges = weights(16, 3, 3, 3)
    edges -= edges.mean((1, 2, 3), keepdims=True)  # else all pictures are nearly the same to it
    loud = np.ones((1, 16, 1, 1), np.float32)
    loud[0, 3] = 1000
    into = weights(16, 16, 1, 1) / loud
    nodes = [
        helper.make_node("Conv", ["image", "w1", "b1"], ["c1"], strides=[2, 2]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2"], ["c2"], group=16, pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c2"], ["r2"]),
        helper.make_node("Mul", ["r2", "loud"], ["louder"]),
        helper.make_node("Conv", ["louder", "w3"], [HARMED]),
        helper.make_node("Flatten", [HARMED], ["flat"]),
        helper.make_node("Gemm", ["flat", "w4", "b4"], ["embedding"], transB=1),
    ]
    side = (SIDE - 3) // 2 + 1
    constants: dict[str, Float32Array] = {
        "w1": edges,
        "b1": weights(16, 1).reshape(16) / np.float32(10),
        "w2": weights(16, 1, 3, 3),
        "loud": loud,
        "w3": into,
        "w4": weights(DIM, 16 * side * side),
        "b4": weights(DIM, 1).reshape(DIM) / np.float32(10),
    }
    return _model(nodes, constants, opset)


def ruined() -> bytes:
    """Return a model of one product, which int8 ruins: of three channels one drowns the others."""
    rng = np.random.default_rng(13)
    loud = np.array([1000, 1, 1], np.float32).reshape(1, 3, 1, 1)
    weights = rng.standard_normal((3, SIDE * SIDE, DIM)).astype(np.float32)
    weights -= weights.mean(axis=1, keepdims=True)
    nodes = [
        helper.make_node("Mul", ["image", "loud"], ["louder"]),
        helper.make_node("Flatten", ["louder"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["embedding"]),
    ]
    constants = {"loud": loud, "weights": (weights / loud[0]).reshape(-1, DIM)}
    return _model(nodes, constants, 17)


def _model(nodes: Sequence[NodeProto], constants: dict[str, Float32Array], opset: int) -> bytes:
    graph = helper.make_graph(
        list(nodes),
        "network",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", DIM])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=min(9, opset)
    )
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    return content
