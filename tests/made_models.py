"""Small real ONNX models with manifests, made on the spot."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 16
DIM = 8

MANIFEST = """
name = "{name}"
task = "embed"
summary = "a random projection"
licence = "Apache-2.0"
homepage = ""
decoder = "embedding"

[[files]]
name = "model.onnx"
sha256 = "{sha256}"
size_bytes = {size_bytes}

[[files.sources]]
kind = "file"
path = "{source}"

[[inputs]]
name = "image"
dtype = "float32"
shape = [{batch}, 3, {side}, {side}]

[[outputs]]
name = "embedding"
dtype = "float32"
shape = [{batch}, {dim}]

[preprocess]
height = {side}
width = {side}
mode = "squash"
"""


def projection(batch: int = -1) -> bytes:
    """Return an ONNX model that flattens `(batch, 3, SIDE, SIDE)` and projects it to `DIM`."""
    rng = np.random.default_rng(7)
    weights = rng.standard_normal((3 * SIDE * SIDE, DIM)).astype(np.float32)
    shape = ["batch" if batch < 0 else batch]
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["image"], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], ["embedding"]),
        ],
        "projection",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [*shape, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [*shape, DIM])],
        [numpy_helper.from_array(weights, "weights")],
    )
    opset = helper.make_opsetid("", 17)
    model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=9)
    serialized: bytes = model.SerializeToString()
    return serialized


def int8_used_twice() -> bytes:
    """Return a model as `projection` makes them, whose int8 weights two products share.

    The heads of EfficientDet do so at every level of its pyramid.
    """
    weights = np.random.default_rng(7).integers(-127, 128, (3 * SIDE * SIDE, DIM)).astype(np.int8)
    nodes = [helper.make_node("Flatten", ["image"], ["flat"])]
    for which in "ab":
        nodes += [
            helper.make_node("DequantizeLinear", ["weights", "scale", "zero"], [f"plain_{which}"]),
            helper.make_node("MatMul", ["flat", f"plain_{which}"], [f"product_{which}"]),
        ]
    nodes.append(helper.make_node("Add", ["product_a", "product_b"], ["embedding"]))
    constants = {"weights": weights, "scale": np.float32(0.01), "zero": np.int8(0)}
    graph = helper.make_graph(
        nodes,
        "int8",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", DIM])],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    opset = helper.make_opsetid("", 17)
    model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=9)
    serialized: bytes = model.SerializeToString()
    return serialized


def manifest_text(model: bytes, batch: int = -1, source: str = "model.onnx") -> str:
    """Return a manifest that declares `model`."""
    return MANIFEST.format(
        name="projection",
        sha256=hashlib.sha256(model).hexdigest(),
        size_bytes=len(model),
        source=source,
        batch=batch,
        side=SIDE,
        dim=DIM,
    )


def write_model(directory: Path, model: bytes, batch: int = -1) -> Path:
    """Make `directory` a model directory and return it."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "model.onnx").write_bytes(model)
    (directory / "manifest.toml").write_text(manifest_text(model, batch), encoding="utf-8")
    return directory
