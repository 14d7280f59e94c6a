"""A small real detector that fails on any picture that is not of one colour."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

SIDE = 16
MANIFEST = """
name = "{name}"
task = "detect"
summary = "a contrast instead of a probability"
licence = "Apache-2.0"
homepage = ""
decoder = "end_to_end"
classes = ["person", "contrast"]

[[files]]
name = "model.onnx"
sha256 = "{sha256}"
size_bytes = {size_bytes}

[[files.sources]]
kind = "file"
path = "model.onnx"

[[inputs]]
name = "image"
dtype = "float32"
shape = [1, 3, {side}, {side}]

[[outputs]]
name = "rows"
dtype = "float32"
shape = [1, 1, 6]

[preprocess]
height = {side}
width = {side}
mode = "squash"
"""


def contrast() -> bytes:
    """Return an ONNX model whose score is nine times the contrast, which may be far above 1."""
    box = np.array([[[0, 0, SIDE, SIDE]]], np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMax", ["image"], ["most"], keepdims=0),
            helper.make_node("ReduceMin", ["image"], ["least"], keepdims=0),
            helper.make_node("Sub", ["most", "least"], ["range"]),
            helper.make_node("Mul", ["range", "nine"], ["large"]),
            helper.make_node("Reshape", ["large", "shape"], ["score"]),
            helper.make_node("Concat", ["box", "score", "class"], ["rows"], axis=2),
        ],
        "contrast",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [1, 1, 6])],
        [
            numpy_helper.from_array(np.array(9, np.float32), "nine"),
            numpy_helper.from_array(np.array([1, 1, 1], np.int64), "shape"),
            numpy_helper.from_array(box, "box"),
            numpy_helper.from_array(np.ones((1, 1, 1), np.float32), "class"),
        ],
    )
    opset = helper.make_opsetid("", 17)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=9)
    serialized: bytes = model.SerializeToString()
    return serialized


def write_contrast(directory: Path) -> Path:
    """Make `directory` the model directory of this detector, and return it."""
    model = contrast()
    directory.mkdir(parents=True)
    (directory / "model.onnx").write_bytes(model)
    text = MANIFEST.format(
        name=directory.name,
        sha256=hashlib.sha256(model).hexdigest(),
        size_bytes=len(model),
        side=SIDE,
    )
    (directory / "manifest.toml").write_text(text, encoding="utf-8")
    return directory
