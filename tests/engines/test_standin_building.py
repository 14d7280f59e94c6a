"""The stand-in builder, parser, kernels and driver say what the real ones say."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from gleancam_engines.cuda.driver import probe
from gleancam_engines.errors import BackendUnavailableError
from gleancam_engines.kernels.launch import function_name, grid
from gleancam_engines.kernels.layout import FRAME, describe, parameters
from gleancam_engines.kernels.memory import i420
from gleancam_engines.manifest import Preprocess
from kernel_on_cpu import on_cpu
from made_models import projection
from made_planes import noise
from standins.libcuda import install_driver
from standins.machine import Machine
from standins_rig import Rig

SPEC = Preprocess(height=24, width=32, mode="squash")
CUBIN = b"\x7fELF"


@pytest.fixture
def rig() -> Rig:
    return Rig.of("10.16", load=False)


def parser_of(rig: Rig) -> tuple[Any, Any, Any]:
    builder = rig.trt.Builder(rig.logger)
    network = builder.create_network(0)
    return builder, network, rig.trt.OnnxParser(network, rig.logger)


def one_node(operator: str) -> bytes:
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph([helper.make_node(operator, ["x"], ["y"])], "g", value[:1], value[1:])
    content: bytes = onnx.helper.make_model(graph).SerializeToString()
    return content


def test_bytes_that_are_no_model_are_an_error_of_their_own(rig: Rig) -> None:
    _, network, parser = parser_of(rig)
    assert parser.parse(b"\xff no model") is False
    assert parser.get_error(0).code() == rig.trt.ErrorCode.MODEL_DESERIALIZE_FAILED
    assert network.num_outputs == 0


def test_an_operator_that_is_not_known_is_named(rig: Rig) -> None:
    _, _, parser = parser_of(rig)
    assert parser.parse(one_node("DynamicQuantizeLinear")) is False
    assert parser.num_errors == 1
    error = parser.get_error(0)
    assert error.code() == rig.trt.ErrorCode.UNSUPPORTED_NODE
    assert (error.node(), error.node_operator()) == (0, "DynamicQuantizeLinear")


@pytest.mark.parametrize(("zero", "taken"), [(TensorProto.UINT8, False), (TensorProto.INT8, True)])
def test_quantising_to_uint8_is_refused(rig: Rig, zero: int, *, taken: bool) -> None:
    constants = [
        helper.make_tensor("scale", TensorProto.FLOAT, [], [1.0]),
        helper.make_tensor("zero", zero, [], [0]),
    ]
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["y"]),
    ]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    model = onnx.helper.make_model(helper.make_graph(nodes, "g", [x], [y], constants))
    _, _, parser = parser_of(rig)
    assert parser.parse(model.SerializeToString()) is taken


def test_a_free_batch_wants_a_profile(rig: Rig) -> None:
    builder, network, parser = parser_of(rig)
    assert parser.parse(projection())
    assert builder.build_serialized_network(network, builder.create_builder_config()) is None
    assert "no optimization profile" in rig.said[-1]


@pytest.mark.parametrize("sizes", [(2, 1, 4), (1, 4, 2)])
def test_a_profile_out_of_order_is_not_taken(rig: Rig, sizes: tuple[int, ...]) -> None:
    builder, _, _ = parser_of(rig)
    profile = builder.create_optimization_profile()
    profile.set_shape("image", *((size, 3, 16, 16) for size in sizes))
    assert not profile
    assert builder.create_builder_config().add_optimization_profile(profile) == -1


def test_a_monitor_is_told_of_every_phase_and_can_stop_the_build(rig: Rig) -> None:
    told: list[str] = []

    class Monitor(rig.trt.IProgressMonitor):  # type: ignore[misc, name-defined]
        def __init__(self, *, go_on: bool) -> None:
            rig.trt.IProgressMonitor.__init__(self)
            self.go_on = go_on

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            told.append(f"{parent_phase}/{phase_name} {num_steps}")

        def step_complete(self, phase_name: str, step: int) -> bool:
            told.append(f"{phase_name} {step}")
            return self.go_on

        def phase_finish(self, phase_name: str) -> None:
            told.append(f"{phase_name} done")

    builder, network, parser = parser_of(rig)
    assert parser.parse(projection(batch=1))
    config = builder.create_builder_config()
    config.progress_monitor = Monitor(go_on=False)
    assert builder.build_serialized_network(network, config) is None
    assert "cancelled" in rig.said[-1]
    config.progress_monitor = Monitor(go_on=True)
    assert builder.build_serialized_network(network, config) is not None
    assert told[-1] == "Building Engine done"


def test_timings_of_another_device_are_refused(rig: Rig) -> None:
    builder, network, parser = parser_of(rig)
    assert parser.parse(projection(batch=1))
    config = builder.create_builder_config()
    assert config.set_timing_cache(config.create_timing_cache(b""), ignore_mismatch=False)
    assert builder.build_serialized_network(network, config) is not None
    timed = bytes(config.get_timing_cache().serialize())
    assert timed
    assert config.set_timing_cache(config.create_timing_cache(timed), ignore_mismatch=False)
    rig.machine.compute_capability = (9, 0)
    assert not config.set_timing_cache(config.create_timing_cache(timed), ignore_mismatch=False)
    assert config.create_timing_cache(b"damaged") is None


def test_the_kernel_that_runs_is_ours(rig: Rig) -> None:
    planes = noise(41, 65)
    raw = np.concatenate([plane.ravel() for plane in (planes.y, planes.u, planes.v)])
    with rig.current():
        frame = rig.cuda.mem_alloc(raw.nbytes)
        rig.cuda.memcpy_htod(frame, raw)
        described = np.ascontiguousarray(describe([i420(planes, int(frame))], SPEC))
        described_at = rig.cuda.mem_alloc(FRAME.itemsize)
        rig.cuda.memcpy_htod(described_at, described.view(np.uint8))
        out = np.empty((1, 3, SPEC.height, SPEC.width), np.float32)
        out_at = rig.cuda.mem_alloc(out.nbytes)
        function = rig.cuda.module_from_buffer(CUBIN).get_function(
            function_name(SPEC, np.dtype(np.float32))
        )
        blocks, threads = grid(SPEC, 1)
        arguments = (described_at, parameters(SPEC)[()], np.uint64(int(out_at)))
        function(*arguments, grid=blocks, block=threads, stream=rig.stream)
        rig.stream.synchronize()
        rig.cuda.memcpy_dtoh(out, out_at)
        del frame, described_at, out_at, function, arguments
    np.testing.assert_array_equal(out, on_cpu([planes], SPEC))
    rig.close()


def test_what_is_no_cubin_and_what_is_not_in_it_are_errors(rig: Rig) -> None:
    with rig.current():
        with pytest.raises(rig.cuda.LogicError, match="image is invalid"):
            rig.cuda.module_from_buffer(b"text")
        with pytest.raises(rig.cuda.LogicError, match="symbol not found"):
            rig.cuda.module_from_buffer(CUBIN).get_function("other")
    rig.close()


def test_a_kernel_takes_numpy_numbers_and_no_others(rig: Rig) -> None:
    with rig.current():
        function = rig.cuda.module_from_buffer(CUBIN).get_function("preprocess_f32")
        with pytest.raises(TypeError, match="invalid type on parameter #0"):
            function(1, grid=(1, 1), block=(1, 1, 1))
        with pytest.raises(ValueError, match="must specify block size"):
            function(np.uint64(1))
        with pytest.raises(AssertionError, match="gets other arguments"):
            function(np.uint64(1), grid=(1, 1), block=(1, 1, 1))
        del function
    rig.close()


def test_the_driver_is_found_as_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    install_driver(monkeypatch, Machine(compute_capability=(11, 0), name="NVIDIA Thor"))
    assert probe().id == "thor-sm110"
    assert probe().driver == "12.6"
    monkeypatch.setenv("STANDIN_CUDA_COUNT", "0")
    with pytest.raises(BackendUnavailableError, match="NO_DEVICE"):
        probe()
    monkeypatch.setenv("STANDIN_CUDA_ERROR", "803")
    with pytest.raises(BackendUnavailableError, match="cuInit says 803"):
        probe()
