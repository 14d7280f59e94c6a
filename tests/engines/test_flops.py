from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from gleancam_engines.errors import ModelFileError
from gleancam_engines.flops import flops


def model(nodes: list[Any], weights: dict[str, tuple[int, ...]], side: list[Any]) -> bytes:
    """Return a model of one input `x` and one output `y` of unknown shape."""
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, side)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [
            numpy_helper.from_array(np.ones(shape, np.float32), name)
            for name, shape in weights.items()
        ],
    )
    opset = helper.make_opsetid("", 17)
    made: bytes = helper.make_model(graph, opset_imports=[opset], ir_version=9).SerializeToString()
    return made


def test_a_convolution_counts_every_tap_of_every_output() -> None:
    node = helper.make_node("Conv", ["x", "w"], ["y"], group=2, strides=[2, 2], pads=[1, 1, 1, 1])
    made = model([node], {"w": (8, 2, 3, 3)}, ["batch", 4, 10, 10])
    assert flops(made) == 2 * (8 * 5 * 5) * (2 * 3 * 3)


def test_a_transposed_convolution_counts_every_tap_of_every_input() -> None:
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], strides=[2, 2])
    made = model([node], {"w": (4, 6, 2, 2)}, ["batch", 4, 5, 5])
    assert flops(made) == 2 * (4 * 5 * 5) * (6 * 2 * 2)


def test_products_count_their_inner_side() -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "a"], ["m"]),
        helper.make_node("Gemm", ["c", "m"], ["y"], transA=1),
    ]
    made = model(nodes, {"a": (7, 5), "c": (3, 2)}, [3, 7])
    assert flops(made) == 2 * (3 * 5) * 7 + 2 * (2 * 5) * 3


def test_what_is_no_product_counts_nothing() -> None:
    assert flops(model([helper.make_node("Relu", ["x"], ["y"])], {}, ["batch", 3])) == 0


def test_bytes_that_are_no_model_are_refused() -> None:
    with pytest.raises(ModelFileError, match="fetch it again"):
        flops(b"\xffno model")


@pytest.mark.models
@pytest.mark.parametrize(
    ("name", "published"),
    [("tiny-vit-5m", 2.6e9), ("yolox-nano", 1.08e9)],
    ids=["TinyViT (Wu et al. 2022, table 1)", "YOLOX (Ge et al. 2021, table 5)"],
)
def test_known_models_are_as_published(models_directory: Path, name: str, published: float) -> None:
    (file,) = (models_directory / name).glob("*.onnx")
    assert flops(file.read_bytes()) == pytest.approx(published, rel=0.05)
