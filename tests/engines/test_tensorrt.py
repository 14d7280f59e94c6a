"""TensorRT's engine on a simulated GPU: order of calls, memory, threads, batches."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gleancam_engines.base import Engine
from gleancam_engines.embedder import open_embedder
from gleancam_engines.errors import PlanError, TensorError
from gleancam_engines.loading import open_engine
from gleancam_engines.opening import Opening
from gpu_rig import compile_here, on_gpu, simulated_gpu
from made_models import DIM, SIDE, projection, write_model
from made_planes import noise
from standins.machine import Machine

BATCHES = (1, 5)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with simulated_gpu(monkeypatch) as simulated:
        yield simulated


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "projection", projection())


def opened(model: Path, batches: tuple[int, ...] = BATCHES) -> Engine:
    compile_here(model, batches=batches)
    return open_engine(model, on_gpu(batches=batches))


def images(count: int, seed: int = 0) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(seed).random((count, 3, SIDE, SIDE), np.float32)


def positions(machine: Machine, name: str) -> list[int]:
    return [at for at, have in enumerate(machine.recording.names) if have == name]


def test_says_what_it_is(machine: Machine, model: Path) -> None:
    engine = opened(model)
    plan = compile_here(model, batches=BATCHES)
    engine.close()
    assert engine.provenance.backend == "tensorrt"
    assert engine.backend == "tensorrt/orin-sm87/fp32"
    assert engine.provenance.library == sys.modules["tensorrt"].__version__
    assert engine.provenance.content_sha256 == plan.sha256
    assert engine.largest_batch == 5
    assert not machine.stack


def test_agrees_with_onnx_runtime(machine: Machine, model: Path) -> None:
    reference = open_engine(model, Opening(backend="onnxruntime"))
    engine = opened(model)
    for count in (5, 1, 3, 2, 1, 4):
        batch = {"image": images(count, seed=count)}
        have, want = engine.infer(batch), reference.infer(batch)
        np.testing.assert_allclose(have["embedding"], want["embedding"], rtol=1e-5, atol=1e-5)
    engine.close()
    assert not machine.stack


def test_one_run_in_order(machine: Machine, model: Path) -> None:
    engine = opened(model)
    engine.infer({"image": images(5)})
    machine.recording.clear()
    engine.infer({"image": images(5)})
    names = [name for name in machine.recording.names if "get_tensor_shape" not in name]
    engine.close()
    assert names == [
        "Context.push",
        "memcpy_htod_async",
        "IExecutionContext.execute_async_v3",
        "memcpy_dtoh_async",
        "Event.record",
        "Event.synchronize",
        "Context.pop",
    ]


def test_memory_is_allocated_once(machine: Machine, model: Path) -> None:
    engine = opened(model)
    made = (positions(machine, "mem_alloc"), positions(machine, "pagelocked_empty"))
    for count in (1, 5, 2):
        engine.infer({"image": images(count)})
    assert (positions(machine, "mem_alloc"), positions(machine, "pagelocked_empty")) == made
    largest = 5 * (3 * SIDE * SIDE + DIM) * 4
    assert machine.device.used_bytes == machine.pinned.used_bytes == largest
    engine.close()
    assert machine.device.used_bytes == machine.pinned.used_bytes == 0


def test_addresses_come_before_the_first_run(machine: Machine, model: Path) -> None:
    engine = opened(model)
    engine.infer({"image": images(5)})
    last_address = positions(machine, "IExecutionContext.set_tensor_address")[-1]
    assert last_address < positions(machine, "IExecutionContext.execute_async_v3")[0]
    engine.close()


def test_everything_is_asked_of_one_stream(machine: Machine, model: Path) -> None:
    engine = opened(model)
    for count in (5, 1):
        engine.infer({"image": images(count)})
    assert len(machine.queues) == 1
    handles = {
        call.arguments["stream_handle"]
        for call in machine.recording.calls
        if "stream_handle" in call.arguments
    }
    copies = [
        *machine.recording.of("memcpy_htod_async"),
        *machine.recording.of("memcpy_dtoh_async"),
    ]
    handles |= {call.arguments["stream"].identity for call in copies}
    assert handles == set(machine.queues)
    engine.close()


def test_each_batch_takes_its_profile(machine: Machine, model: Path) -> None:
    engine = opened(model)
    machine.recording.clear()
    for count in (5, 1, 1, 3):
        engine.infer({"image": images(count)})
    switches = machine.recording.of("IExecutionContext.set_optimization_profile_async")
    assert [call.arguments["profile_index"] for call in switches] == [1, 0]
    shapes = machine.recording.of("IExecutionContext.set_input_shape")
    assert [call.arguments["shape"][0] for call in shapes] == [1, 3]
    engine.close()


def test_a_fixed_batch_needs_no_shapes(machine: Machine, tmp_path: Path) -> None:
    model = write_model(tmp_path / "projection", projection(batch=2), batch=2)
    engine = opened(model, (2,))
    assert engine.infer({"image": images(2)})["embedding"].shape == (2, DIM)
    assert not machine.recording.of("IExecutionContext.set_input_shape")
    engine.close()


@pytest.mark.parametrize("count", [0, 6])
def test_refuses_a_batch_that_the_plan_does_not_take(
    machine: Machine, model: Path, count: int
) -> None:
    engine = opened(model)
    with pytest.raises(TensorError, match=rf"batches of 1 to 5, but got {count}; .*--batch"):
        engine.infer({"image": images(count)})
    assert engine.infer({"image": images(1)})["embedding"].shape == (1, DIM)
    engine.close()
    assert not machine.stack


def test_an_embedder_gives_it_no_more_than_it_takes(machine: Machine, model: Path) -> None:
    frames = [noise(SIDE, SIDE, seed=at) for at in range(12)]
    compile_here(model, batches=BATCHES)
    embedder = open_embedder(model, on_gpu(batches=BATCHES))
    together = embedder.embed(frames)
    alone = np.concatenate([embedder.embed([frame]) for frame in frames])
    np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-6)
    assert len(machine.recording.of("IExecutionContext.execute_async_v3")) == 3 + len(frames)
    embedder.close()


def test_any_thread_may_use_and_close_it(machine: Machine, model: Path) -> None:
    engine = opened(model)
    want = engine.infer({"image": images(2)})["embedding"]
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        for thread in (one, other) * 3:
            have = thread.submit(engine.infer, {"image": images(2)}).result()["embedding"]
            np.testing.assert_array_equal(have, want)
        one.submit(engine.close).result()
    engine.close()
    assert not machine.stack
    assert len({call.thread for call in machine.recording.of("Context.push")}) == 3


def test_two_engines_share_the_context_but_nothing_else(machine: Machine, model: Path) -> None:
    first = opened(model)
    second = open_engine(model, on_gpu(batches=BATCHES))
    want = first.infer({"image": images(2)})["embedding"]
    first.close()
    np.testing.assert_array_equal(second.infer({"image": images(2)})["embedding"], want)
    assert len(machine.recording.of("Device.retain_primary_context")) == 1
    assert len(machine.queues) == 2
    second.close()


def test_frees_the_context_before_the_engine_before_the_stream(
    machine: Machine, model: Path
) -> None:
    engine = opened(model)
    machine.recording.clear()
    engine.close()
    order = [name for name in machine.recording.names if name.startswith("del ")]
    assert order[:2] == ["del IExecutionContext", "del ICudaEngine"]
    assert order[-1] == "del Stream"
    assert machine.recording.names[-1] == "Context.pop"


def test_says_what_it_takes(
    machine: Machine, model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "gleancam_engines.tensorrt_"):
        opened(model).close()
    assert "of the GPU's memory about" in caplog.text
    assert "of 8192 MiB are free" in caplog.text
    assert not machine.stack


def test_a_plan_that_was_not_compiled(machine: Machine, model: Path) -> None:
    with pytest.raises(PlanError, match=r"not compiled .* run 'gleancam models compile projection"):
        open_engine(model, on_gpu())
    assert not machine.stack
