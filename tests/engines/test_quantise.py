"""int8 files: what is in them, what stays in fp32, and that they agree on pictures not seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from onnx import TensorProto, numpy_helper

from gleancam_engines.errors import ModelFileError, PictureError
from gleancam_engines.loading import open_candidate
from gleancam_engines.manifest import Manifest, parse
from gleancam_engines.quantise import Quantised, to_int8
from gleancam_engines.quantising.product import STEPS, round_weight
from gleancam_engines.quantising.products import Products
from gleancam_engines.quantising.ranges import BINS, Histograms, Peaks
from gleancam_engines.verifying.making import make_check
from made_models import manifest_text, projection
from made_network import HARMED, network, ruined, varied


def described(model: bytes) -> Manifest:
    return parse(manifest_text(model), Path("manifest.toml"))


@pytest.fixture(scope="module", params=[12, 17], ids=lambda opset: f"opset {opset}")
def fp32(request: pytest.FixtureRequest) -> bytes:
    return network(request.param)


@pytest.fixture(scope="module")
def made(fp32: bytes) -> Quantised:
    return to_int8(fp32, described(fp32), varied(32))


@pytest.fixture(scope="module")
def graph(made: Quantised) -> onnx.GraphProto:
    return onnx.load_model_from_string(made.content).graph


def constants(graph: onnx.GraphProto) -> dict[str, npt.NDArray[Any]]:
    return {one.name: numpy_helper.to_array(one) for one in graph.initializer}


def test_it_agrees_on_pictures_it_has_not_seen(fp32: bytes, made: Quantised) -> None:
    manifest, unseen = described(fp32), varied(48)[32:]
    check = make_check(open_candidate(fp32, manifest, threads=1), manifest, unseen)
    result = check.hold(open_candidate(made.content, manifest, threads=1), "int8", (1,))
    assert result.passed


def test_what_int8_harms_stays_in_fp32_and_nothing_else_does(
    made: Quantised, graph: onnx.GraphProto
) -> None:
    assert (made.products, made.rounded) == (4, 3)
    (harmed,) = [node for node in graph.node if node.output[0] == HARMED]
    assert list(harmed.input) == ["louder", "w3"]
    assert constants(graph)["w3"].dtype == np.float32


def test_everything_is_symmetric_int8(graph: onnx.GraphProto) -> None:
    """TensorRT rejects uint8, zero points other than 0, int32 biases and dynamic quantisation."""
    by_name = constants(graph)
    roundings = [node for node in graph.node if "Linear" in node.op_type]
    assert {node.op_type for node in roundings} == {"QuantizeLinear", "DequantizeLinear"}
    for node in roundings:
        zero = by_name[node.input[2]]
        assert zero.dtype == np.int8
        assert not zero.any()
    integers = [value for value in by_name.values() if value.dtype.kind in "iu"]
    assert {value.dtype for value in integers} == {np.dtype(np.int8)}
    assert min(int(value.min()) for value in integers) >= -STEPS


def test_weights_have_a_scale_for_each_output_channel(graph: onnx.GraphProto) -> None:
    by_name = constants(graph)
    axes = {}
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in by_name:
            axis = node.attribute[0].i
            steps, scales = by_name[node.input[0]], by_name[node.input[1]]
            axes[node.input[0].partition("__")[0]] = axis
            assert scales.shape == (steps.shape[axis],)
    assert axes == {"w1": 0, "w2": 0, "w4": 0}


def test_biases_inputs_and_outputs_stay_as_they_are(fp32: bytes, graph: onnx.GraphProto) -> None:
    before = onnx.load_model_from_string(fp32).graph
    np.testing.assert_array_equal(constants(graph)["b1"], constants(before)["b1"])
    assert [one.name for one in graph.input] == ["image"]
    assert [one.name for one in graph.output] == ["embedding"]
    assert graph.input[0].type.tensor_type.elem_type == TensorProto.FLOAT


def test_fp32_weights_that_nothing_reads_are_gone(graph: onnx.GraphProto) -> None:
    assert {"w1", "w2", "w4"} & set(constants(graph)) == set()


def test_a_weight_that_is_read_elsewhere_too_stays() -> None:
    model = onnx.load_model_from_string(projection())
    model.graph.output.append(
        onnx.helper.make_tensor_value_info("more", TensorProto.FLOAT, ["a", "b"])
    )
    model.graph.node.append(onnx.helper.make_node("Identity", ["weights"], ["more"]))
    products = Products(model.SerializeToString())
    made = products.quantised(products.all, {"flat": 0.01})
    assert "weights" in constants(onnx.load_model_from_string(made).graph)
    onnx.checker.check_model(onnx.load_model_from_string(made), full_check=True)


def test_one_activation_of_two_products_is_rounded_once() -> None:
    model = onnx.load_model_from_string(projection())
    model.graph.output.append(
        onnx.helper.make_tensor_value_info("more", TensorProto.FLOAT, ["batch", 8])
    )
    model.graph.node.append(onnx.helper.make_node("MatMul", ["flat", "weights"], ["more"]))
    products = Products(model.SerializeToString())
    made = onnx.load_model_from_string(products.quantised(products.all, {"flat": 0.01}))
    onnx.checker.check_model(made, full_check=True)
    kinds = [node.op_type for node in made.graph.node]
    assert kinds.count("QuantizeLinear") == 1
    assert kinds.count("DequantizeLinear") == 2


def test_products_of_two_computed_tensors_are_left_alone() -> None:
    model = onnx.load_model_from_string(projection())
    model.graph.node[1].input[1] = "turned"
    turned = onnx.helper.make_node("Transpose", ["flat"], ["turned"], perm=[1, 0])
    model.graph.node.insert(1, turned)
    assert Products(model.SerializeToString()).all == ()


def test_a_model_without_products_cannot_be_in_int8() -> None:
    model = onnx.load_model_from_string(projection())
    del model.graph.node[1]
    content, manifest = model.SerializeToString(), described(projection())
    with pytest.raises(ModelFileError, match="no product with constant weights"):
        to_int8(content, manifest, varied(32))


def test_a_model_that_int8_ruins_is_refused() -> None:
    model = ruined()
    with pytest.raises(ModelFileError, match="run it in fp16 or fp32"):
        to_int8(model, described(model), varied(32))


def test_pictures_that_are_all_alike_are_refused() -> None:
    model = network()
    with pytest.raises(PictureError, match="look alike"):
        to_int8(model, described(model), varied(1) * 32)


@pytest.mark.parametrize("cut", [0, 10, 500], ids=lambda cut: f"{cut} bytes")
def test_a_damaged_model_is_named(cut: int) -> None:
    model = network()
    with pytest.raises(ModelFileError, match="ONNX"):
        to_int8(model[:cut], described(model), varied(32))


weights = arrays(
    np.float32,
    st.tuples(st.integers(1, 5), st.integers(1, 6)),
    elements=st.floats(-1e3, 1e3, width=32),
)


@given(weights, st.integers(0, 1))
def test_rounded_weights_are_off_by_half_a_step_at_most(
    weight: npt.NDArray[np.float32], axis: int
) -> None:
    steps, scales = round_weight(weight, axis)
    assert np.abs(steps.astype(int)).max() <= STEPS
    shape = [1, 1]
    shape[axis] = -1
    off = np.abs(steps * scales.reshape(shape).astype(np.float64) - weight)
    assert (off <= scales.reshape(shape) * 0.5001 + 1e-37).all()


values = arrays(np.float32, st.integers(1, 300), elements=st.floats(-50, 50, width=32))


@given(values, st.floats(1, 1000))
def test_no_other_step_has_a_lesser_error(seen: npt.NDArray[np.float32], outlier: float) -> None:
    """Of those tried; the one that cuts nothing off is among them. One bin of slack."""
    seen = np.append(seen, np.float32(outlier))
    peaks = Peaks(["it"])
    peaks.watch({"it": seen})
    histograms = Histograms(peaks.by_name)
    histograms.watch({"it": seen})
    chosen, peak = histograms.scales()["it"], peaks.by_name["it"]
    assert _error(seen, chosen) <= _error(seen, peak / STEPS) + len(seen) * (peak / BINS) ** 2 * 40


def test_a_rare_peak_is_cut_off_for_the_sake_of_the_rest() -> None:
    rng = np.random.default_rng(5)
    seen = np.append(rng.normal(0, 1, 100_000), 40).astype(np.float32)
    peaks = Peaks(["it"])
    peaks.watch({"it": seen})
    histograms = Histograms(peaks.by_name)
    histograms.watch({"it": seen[:50_000]})
    histograms.watch({"it": seen[50_000:]})
    chosen = histograms.scales()["it"]
    assert chosen < 30 / STEPS
    assert _error(seen, chosen) < _error(seen, 40 / STEPS) / 1.4


def test_an_activation_that_is_always_zero_has_a_step() -> None:
    peaks = Peaks(["it"])
    peaks.watch({"it": np.zeros(3, np.float32)})
    histograms = Histograms(peaks.by_name)
    histograms.watch({"it": np.zeros(3, np.float32)})
    assert histograms.scales() == {"it": 1.0}


def _error(seen: npt.NDArray[np.float32], step: float) -> float:
    rounded = np.clip(np.rint(seen / step), -STEPS, STEPS) * step
    return float(np.square(seen - rounded).sum())
