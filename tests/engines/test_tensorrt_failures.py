"""Whatever fails while a plan is loaded or run: a named error, and nothing left allocated."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from failing_calls import CALLS, FailingRecording
from gleancam_engines.base import Engine
from gleancam_engines.errors import (
    BackendUnavailableError,
    DeviceError,
    DeviceMemoryError,
    PlanError,
)
from gleancam_engines.loading import open_engine
from gleancam_engines.trt.record import KEY, PlanRecord, digest
from gpu_rig import compile_here, on_gpu, simulated_gpu
from made_models import SIDE, projection, write_model
from standins.machine import Machine

BATCHES = (1, 5)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with simulated_gpu(monkeypatch) as simulated:
        yield simulated


@pytest.fixture
def model(machine: Machine, tmp_path: Path) -> Path:
    assert not machine.stack
    directory = write_model(tmp_path / "projection", projection())
    compile_here(directory, batches=BATCHES)
    return directory


def opened(model: Path) -> Engine:
    return open_engine(model, on_gpu(batches=BATCHES))


def images(count: int) -> dict[str, Any]:
    return {"image": np.random.default_rng(0).random((count, 3, SIDE, SIDE), np.float32)}


def use(model: Path) -> None:
    """Open an engine, run every profile, close it; always close what was opened."""
    engine = opened(model)
    try:
        for count in (5, 1):
            engine.infer(images(count))
    finally:
        engine.close()


def test_a_failure_of_any_call_of_pycuda_is_named_and_leaves_nothing(
    machine: Machine, model: Path
) -> None:
    machine.recording = FailingRecording()
    use(model)
    total = machine.recording.seen
    kinds = set()
    for at in range(total - 1):  # the last is that of closing: see below
        machine.recording = FailingRecording(at=at)
        with pytest.raises(DeviceMemoryError, match=r"cannot (load|run) .* memory is used up"):
            use(model)
        kinds.add(machine.recording.failed)
        machine.check()
    assert kinds == CALLS


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("set_input_shape", "take 'image' as"),
        ("set_tensor_address", "use the memory of"),
        ("set_optimization_profile_async", "take profile 1"),
        ("execute_async_v3", "run it"),
    ],
)
def test_a_refusal_of_tensorrt_is_named_and_leaves_nothing(
    machine: Machine, model: Path, monkeypatch: pytest.MonkeyPatch, method: str, told: str
) -> None:
    def refuse(context: Any, *_: object) -> bool:
        return bool(context._refuse("it will not; (made up)"))

    monkeypatch.setattr(sys.modules["tensorrt"].IExecutionContext, method, refuse)
    with pytest.raises(DeviceError, match=rf"{told}.*it will not; \(made up\).*restart"):
        use(model)
    machine.check()


def test_memory_that_tensorrt_lacks_is_transient(
    machine: Machine, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(context: Any, *_: object) -> bool:
        return bool(context._refuse("Error Code 2: OutOfMemory (no further information)"))

    monkeypatch.setattr(sys.modules["tensorrt"].IExecutionContext, "execute_async_v3", refuse)
    with pytest.raises(DeviceMemoryError, match="OutOfMemory") as raised:
        use(model)
    assert raised.value.transient
    machine.check()


def test_a_run_after_a_failed_one_is_as_good_as_any(
    machine: Machine, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(model)
    want = engine.infer(images(1))["embedding"]
    engine.infer(images(5))
    with monkeypatch.context() as patch:
        kind = sys.modules["tensorrt"].IExecutionContext
        patch.setattr(kind, "set_input_shape", lambda context, *_: context._refuse("no"))
        with pytest.raises(DeviceError):
            engine.infer(images(1))
    np.testing.assert_array_equal(engine.infer(images(1))["embedding"], want)
    engine.close()
    assert not machine.stack


@pytest.mark.parametrize("count", [1, 5])
def test_a_profile_that_was_half_taken_is_taken_again(
    machine: Machine, model: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    engine = opened(model)
    want = engine.infer(images(count))["embedding"]
    engine.infer(images(5))
    with monkeypatch.context() as patch:
        kind = sys.modules["tensorrt"].IExecutionContext
        patch.setattr(kind, "set_tensor_address", lambda context, *_: context._refuse("no"))
        with pytest.raises(DeviceError):
            engine.infer(images(1))
    np.testing.assert_array_equal(engine.infer(images(count))["embedding"], want)
    engine.close()
    assert not machine.stack


def test_a_device_that_is_lost_is_named(
    machine: Machine, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(model)
    driver = sys.modules["pycuda.driver"]

    def lost(event: Any) -> None:
        event._queue.drain()  # a lost device has no work left
        raise driver.LaunchError("cuEventSynchronize failed: unspecified launch failure")

    with monkeypatch.context() as patch:
        patch.setattr(driver.Event, "synchronize", lost)
        with pytest.raises(DeviceError, match=r"run projection.*launch failure; restart") as raised:
            engine.infer(images(1))
    assert not raised.value.transient
    engine.close()
    assert not machine.stack


def test_no_execution_context(
    machine: Machine, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = sys.modules["tensorrt"].ICudaEngine
    monkeypatch.setattr(kind, "create_execution_context", lambda _: None)
    with pytest.raises(DeviceError, match="cannot make an execution context"):
        use(model)
    machine.check()


def test_a_runtime_that_cannot_be_made(
    machine: Machine, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_logger: object) -> None:
        raise TypeError("pybind11::init(): factory function returned nullptr")

    monkeypatch.setattr(sys.modules["tensorrt"], "Runtime", refuse)
    with pytest.raises(BackendUnavailableError, match=r"TensorRT 10\.3.* cannot use the device"):
        use(model)
    machine.check()


def put_plan(model: Path, content: bytes) -> Path:
    """Put other bytes in the place of the plan, with a record that vouches for them."""
    (folder,) = (model / "plans").glob("[!.]*")
    (folder / "plan.engine").write_bytes(content)
    record = msgspec.json.decode((folder / KEY).read_bytes(), type=PlanRecord)
    changed = msgspec.structs.replace(record, sha256=digest(content), size_bytes=len(content))
    (folder / KEY).write_bytes(msgspec.json.encode(changed))
    return folder


@pytest.mark.parametrize("content", [b"", b"\0" * 64])
def test_a_plan_that_tensorrt_does_not_take_is_deleted(
    machine: Machine, model: Path, content: bytes
) -> None:
    folder = put_plan(model, content)
    with pytest.raises(
        PlanError, match=r"does not take .*Serialization.*models compile projection"
    ):
        use(model)
    assert not folder.exists()
    machine.check()
    compile_here(model, batches=BATCHES)
    use(model)


def test_a_plan_of_another_device_is_deleted(
    machine: Machine, model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other" / "projection"
    shutil.copytree(model, other, ignore=shutil.ignore_patterns("plans"))
    with simulated_gpu(monkeypatch, machine=Machine(compute_capability=(9, 0), name="Thor")):
        foreign = compile_here(other, batches=BATCHES).content
    with simulated_gpu(monkeypatch, machine=machine):
        folder = put_plan(model, foreign)
        with pytest.raises(PlanError, match=r"incompatible device.*deleted"):
            use(model)
    assert not folder.exists()


def test_memory_that_is_short_does_not_cost_the_plan(
    machine: Machine, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(runtime: Any, _plan: bytes) -> None:
        severity = sys.modules["tensorrt"].ILogger.Severity
        runtime.logger.log(severity.ERROR, "[defaultAllocator.cpp] cudaErrorMemoryAllocation")

    with monkeypatch.context() as patch:
        patch.setattr(sys.modules["tensorrt"].Runtime, "deserialize_cuda_engine", refuse)
        with pytest.raises(DeviceMemoryError, match="cannot load the plan"):
            use(model)
    machine.check()
    use(model)
