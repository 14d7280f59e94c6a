from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from gleancam_engines.embedder import open_embedder
from gleancam_engines.errors import ModelFileError
from gleancam_engines.half import to_half
from gleancam_engines.manifest import load
from gleancam_engines.openvino_ import _core
from gleancam_engines.preprocess import preprocess
from made_models import projection
from made_planes import HD, from_rgb, scenery

FLOAT, HALF = TensorProto.FLOAT, TensorProto.FLOAT16
WEIGHTS = np.linspace(-1, 1, 16, dtype=np.float32).reshape(4, 4)
EPSILON = np.array(1e-12, np.float32)


def model(
    nodes: list[onnx.NodeProto],
    constants: dict[str, npt.NDArray[Any]],
    shape: tuple[int | str, ...] = ("batch", 4),
) -> bytes:
    """Return a model from `x` to `y`, both float32 of `shape`."""
    values = [helper.make_tensor_value_info(name, FLOAT, shape) for name in ("x", "y")]
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "made", values[:1], values[1:], tensors)
    opset = helper.make_opsetid("", 18)
    content: bytes = helper.make_model(
        graph, opset_imports=[opset], ir_version=9
    ).SerializeToString()
    return content


def halved(content: bytes) -> onnx.ModelProto:
    return onnx.load_model_from_string(to_half(content))


def evaluate(proto: onnx.ModelProto, x: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    outputs: Any = ReferenceEvaluator(proto).run(None, {"x": x})
    return [np.asarray(one) for one in outputs]


def run(proto: onnx.ModelProto, x: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
    return evaluate(proto, x.astype(np.float16))[0]


def types(proto: onnx.ModelProto) -> dict[str, int]:
    inferred = onnx.shape_inference.infer_shapes(proto).graph
    values = [*inferred.input, *inferred.value_info, *inferred.output]
    return {value.name: value.type.tensor_type.elem_type for value in values}


def test_the_picture_is_fp16_and_the_result_fp32() -> None:
    proto = halved(projection())
    assert proto.graph.input[0].type.tensor_type.elem_type == HALF
    assert proto.graph.output[0].type.tensor_type.elem_type == FLOAT
    assert [one.data_type for one in proto.graph.initializer] == [HALF]
    assert [one.name for one in proto.graph.output] == ["embedding"]


def test_computes_the_same() -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("MatMul", ["r", "w"], ["y"]),
    ]
    content = model(nodes, {"w": WEIGHTS})
    x = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    (want,) = evaluate(onnx.load_model_from_string(content), x)
    np.testing.assert_allclose(run(halved(content), x), want, atol=5e-3)


def test_a_normalisation_survives_numbers_whose_squares_fp16_cannot_hold() -> None:
    """x / max(|x|, 1e-12): the sum of squares overflows, and the epsilon becomes 0."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("ReduceL2", ["h", "axis"], ["n"], keepdims=1),
        helper.make_node("Clip", ["n", "epsilon"], ["c"]),
        helper.make_node("Div", ["h", "c"], ["y"]),
    ]
    axis = np.array([1], np.int64)
    constants: dict[str, npt.NDArray[Any]] = {
        "w": 100 * np.eye(4, dtype=np.float32),
        "axis": axis,
        "epsilon": EPSILON,
    }
    proto = halved(model(nodes, constants))
    x = np.array([[5, -3, 1, 4], [0, 0, 0, 0]], np.float32)
    y = run(proto, x)
    np.testing.assert_allclose(y[0], x[0] / np.linalg.norm(x[0]), atol=1e-3)
    np.testing.assert_array_equal(y[1], 0)
    assert types(proto)["n"] == types(proto)["c"] == FLOAT
    assert types(proto)["h"] == HALF


def test_a_variance_and_what_follows_stay_in_fp32_up_to_the_next_product() -> None:
    nodes = [
        helper.make_node("Pow", ["x", "two"], ["p"]),
        helper.make_node("Sqrt", ["p"], ["s"]),
        helper.make_node("MatMul", ["s", "w"], ["h"]),
        helper.make_node("Relu", ["h"], ["y"]),
    ]
    proto = halved(model(nodes, {"two": np.array(2, np.float32), "w": WEIGHTS}))
    found = types(proto)
    assert (found["p"], found["s"], found["h"]) == (FLOAT, FLOAT, HALF)
    x = np.array([[300, 1, 2, 3]], np.float32)
    np.testing.assert_allclose(run(proto, x), np.maximum(np.abs(x) @ WEIGHTS, 0), rtol=2e-3, atol=1)


def test_constants_out_of_range() -> None:
    """A mask of -inf is exact in fp16; a mask of -1e9 is not, and neither becomes the other."""
    nodes = [
        helper.make_node("Add", ["x", "inf"], ["a"]),
        helper.make_node("Softmax", ["a"], ["s"]),
        helper.make_node("Add", ["s", "large"], ["b"]),
        helper.make_node("Softmax", ["b"], ["y"]),
    ]
    mask = np.array([0, 0, -np.inf, 0], np.float32)
    large = np.array([0, -1e9, 0, 0], np.float32)
    proto = halved(model(nodes, {"inf": mask, "large": large}))
    found = types(proto)
    assert (found["a"], found["b"]) == (HALF, FLOAT)
    y = run(proto, np.zeros((1, 4), np.float32))
    assert y[0, 1] == 0
    assert np.isfinite(y).all()


def test_a_resize_keeps_its_scales_in_fp32() -> None:
    nodes = [helper.make_node("Resize", ["x", "", "scales"], ["y"], mode="nearest")]
    scales = np.array([1, 1, 1, 1], np.float32)
    proto = halved(model(nodes, {"scales": scales}, (1, 1, 2, 2)))
    assert [one.data_type for one in proto.graph.initializer] == [FLOAT]
    x = np.arange(4, dtype=np.float32).reshape(1, 1, 2, 2)
    np.testing.assert_array_equal(run(proto, x), x)


def test_constants_in_nodes_and_casts() -> None:
    nodes = [
        helper.make_node("Constant", [], ["k"], value_float=2.0),
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Cast", ["shape"], ["sides"], to=FLOAT),
        helper.make_node("ReduceMax", ["sides"], ["side"], keepdims=0),
        helper.make_node("Mul", ["x", "k"], ["d"]),
        helper.make_node("Mul", ["d", "side"], ["y"]),
    ]
    proto = halved(model(nodes, {}))
    np.testing.assert_array_equal(run(proto, np.ones((1, 4), np.float32)), np.full((1, 4), 8))


def test_an_output_that_is_used_inside_too() -> None:
    nodes = [helper.make_node("Relu", ["x"], ["y"]), helper.make_node("Neg", ["y"], ["z"])]
    parsed = onnx.load_model_from_string(model(nodes, {}))
    parsed.graph.output.append(helper.make_tensor_value_info("z", FLOAT, ("batch", 4)))
    proto = halved(parsed.SerializeToString())
    y, z = evaluate(proto, np.ones((1, 4), np.float16))
    assert y.dtype == z.dtype == np.float32
    np.testing.assert_array_equal(y, -z)


@pytest.mark.parametrize("content", [b"no model", projection()[:-100]])
def test_what_is_no_model(content: bytes) -> None:
    with pytest.raises(ModelFileError):
        to_half(content)


def test_control_flow_is_refused() -> None:
    branch = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["b"])],
        "branch",
        [],
        [helper.make_tensor_value_info("b", FLOAT, ("batch", 4))],
    )
    node = helper.make_node("If", ["yes"], ["y"], then_branch=branch, else_branch=branch)
    with pytest.raises(ModelFileError, match=r"\(If\) is control flow"):
        to_half(model([node], {"yes": np.array(True)}))  # noqa: FBT003 - a constant of the model


@pytest.mark.models
@pytest.mark.parametrize(
    ("path", "products"),
    [
        ("tiny-vit-5m/tiny_vit_5m_224_in22k.onnx", {"Conv", "MatMul"}),
        ("yolox-nano/yolox_nano.onnx", {"Conv"}),
    ],
)
def test_every_product_of_a_trained_model_is_in_fp16(
    path: str, products: set[str], models_directory: Path
) -> None:
    content = (models_directory / path).read_bytes()
    half = to_half(content)
    assert len(half) < 0.53 * len(content)
    proto = onnx.load_model_from_string(half)
    found = types(proto)
    nodes = [node for node in proto.graph.node if node.op_type in products]
    assert {node.op_type for node in nodes} == products
    assert all(found[node.output[0]] == HALF for node in nodes)


@pytest.mark.models
def test_a_trained_model_stays_the_same(models_directory: Path) -> None:
    """OpenVINO computes the fp16-typed file in fp32: what is left is the rounding of the weights.

    A device rounds what is between the layers too; that is what `gleancam models verify` is for.
    """
    folder = models_directory / "tiny-vit-5m"
    embedder = open_embedder(folder)
    pictures = [from_rgb(scenery(240, 320, seed), HD) for seed in range(3)]
    want = embedder.embed(pictures)
    content = (folder / "tiny_vit_5m_224_in22k.onnx").read_bytes()
    core = _core()
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(core.read_model(to_half(content)), "CPU", exact)
    have = compiled([preprocess(pictures, load(folder).preprocess).astype(np.float16)])[0]
    cosine = (have * want).sum(axis=1) / np.linalg.norm(have, axis=1)
    assert cosine.min() > 0.9995
