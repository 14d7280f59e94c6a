"""Outputs whose size the pictures decide: as after non-maximum suppression."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper

from gleancam_engines.base import Engine
from gleancam_engines.cuda.context import primary_context
from gleancam_engines.errors import DeviceError, PlanError
from gleancam_engines.tensorrt_ import TensorRtEngine
from gleancam_engines.trt.free_outputs import LARGEST_BYTES
from gleancam_engines.trt.library import load_tensorrt
from gpu_rig import compile_here, simulated_gpu
from made_models import SIDE, write_model
from standins.machine import Machine
from surfaces.surface import TENSORRT_VERSIONS

BATCHES = (1, 4)


@pytest.fixture(params=TENSORRT_VERSIONS)
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with simulated_gpu(monkeypatch, request.param) as simulated:
        yield simulated


def nonzero() -> bytes:
    """Return a model that says where the picture is not black, and how bright it is."""
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE])
    found = helper.make_tensor_value_info("found", TensorProto.INT64, [4, "found"])
    sums = helper.make_tensor_value_info("sums", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE])
    nodes = [
        helper.make_node("NonZero", ["image"], ["found"]),
        helper.make_node("Add", ["image", "image"], ["sums"]),
    ]
    graph = helper.make_graph(nodes, "nonzero", [image], [found, sums])
    opset = helper.make_opsetid("", 17)
    made = helper.make_model(graph, opset_imports=[opset], ir_version=9)
    onnx.checker.check_model(made)
    content: bytes = made.SerializeToString()
    return content


def opened(folder: Path) -> Engine:
    plan = compile_here(write_model(folder / "projection", nonzero()), batches=BATCHES)
    return TensorRtEngine(load_tensorrt(), primary_context(), plan, "projection@test")


def picture(count: int, bright: int) -> dict[str, npt.NDArray[Any]]:
    image = np.zeros((count, 3, SIDE, SIDE), np.float32)
    image.reshape(-1)[np.random.default_rng(bright).permutation(image.size)[:bright]] = 0.5
    return {"image": image}


def test_each_run_has_its_own_size(machine: Machine, tmp_path: Path) -> None:
    engine = opened(tmp_path)
    assert [spec.shape for spec in engine.outputs] == [(4, -1), (-1, 3, SIDE, SIDE)]
    for count, bright in ((4, 17), (1, 3), (2, 0), (4, 700)):
        given = picture(count, bright)
        results = engine.infer(given)
        np.testing.assert_array_equal(results["found"], np.nonzero(given["image"]))
        np.testing.assert_array_equal(results["sums"], 2 * given["image"])
    engine.close()
    assert not machine.stack


def test_a_result_is_the_callers(machine: Machine, tmp_path: Path) -> None:
    engine = opened(tmp_path)
    first = engine.infer(picture(1, 9))["found"]
    held = first.copy()
    engine.infer(picture(1, 20))
    np.testing.assert_array_equal(first, held)
    engine.close()
    assert not machine.stack


@pytest.mark.parametrize("bound", [-1, 0, LARGEST_BYTES + 1])
def test_a_size_without_a_sound_bound_is_refused(
    machine: Machine, tmp_path: Path, bound: int
) -> None:
    machine.output_bound_bytes = bound
    with pytest.raises(PlanError, match=r"output 'found' has a size .* limit on its detections"):
        opened(tmp_path)
    machine.check()


def test_more_than_the_bound_is_an_error(machine: Machine, tmp_path: Path) -> None:
    machine.output_bound_bytes = 5 * 4 * 8
    engine = opened(tmp_path)
    engine.infer(picture(1, 5))
    with pytest.raises(DeviceError, match=r"cannot run it .*no memory for"):
        engine.infer(picture(1, 6))
    assert engine.infer(picture(1, 5))["found"].shape == (4, 5)
    engine.close()
