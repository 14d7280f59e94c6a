"""The one door of pycuda, and the context that every thread pushes and pops."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from gleancam_engines.cuda.context import PrimaryContext, primary_context
from gleancam_engines.cuda.memory import MirroredMemory
from gleancam_engines.cuda.stream import Stream
from gleancam_engines.errors import BackendUnavailableError, DeviceError, DeviceMemoryError
from gpu_rig import simulated_gpu
from standins.machine import Machine


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with simulated_gpu(monkeypatch) as simulated:
        yield simulated


@pytest.fixture
def context(machine: Machine) -> PrimaryContext:
    assert not machine.initialised
    return primary_context()


def test_there_is_one(context: PrimaryContext, machine: Machine) -> None:
    assert primary_context() is context
    assert len(machine.recording.of("Device.retain_primary_context")) == 1


def test_it_is_current_only_within(context: PrimaryContext, machine: Machine) -> None:
    depths = [len(machine.stack)]
    with context.current("test"):
        depths.append(len(machine.stack))
        with context.current("test again"):
            depths.append(len(machine.stack))
        depths.append(len(machine.stack))
    assert [*depths, len(machine.stack)] == [0, 1, 2, 1, 0]


def test_it_is_popped_whatever_is_raised(context: PrimaryContext, machine: Machine) -> None:
    with pytest.raises(KeyboardInterrupt), context.current("test"):
        raise KeyboardInterrupt
    assert machine.current is None


def test_each_thread_has_its_own_stack(context: PrimaryContext, machine: Machine) -> None:
    def inside() -> bool:
        before = machine.current
        with context.current("test"):
            return before is None and machine.current is not None

    with context.current("test"), ThreadPoolExecutor(1) as thread:
        assert thread.submit(inside).result()


@pytest.mark.parametrize(
    ("raised", "becomes", "told"),
    [
        ("MemoryError", DeviceMemoryError, "cannot test: the GPU's memory is used up"),
        ("LaunchError", DeviceError, "cannot test: made up; restart"),
        ("LogicError", DeviceError, "cannot test: made up; restart"),
        ("RuntimeError", DeviceError, "cannot test: made up; restart"),
    ],
)
def test_errors_of_pycuda_become_ours(
    context: PrimaryContext, raised: str, becomes: type[DeviceError], told: str
) -> None:
    kind: type[Exception] = getattr(sys.modules["pycuda.driver"], raised)
    with pytest.raises(becomes, match=told) as found, context.current("test"):
        raise kind("made up")
    assert type(found.value) is becomes


def test_errors_of_python_stay(context: PrimaryContext) -> None:
    with pytest.raises(MemoryError, match="of Python"), context.current("test"):
        raise MemoryError("of Python")


def test_no_pycuda(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycuda", None)
    with pytest.raises(BackendUnavailableError, match=r"pycuda cannot be imported.*\[tensorrt\]"):
        primary_context()
    assert not machine.initialised


def test_no_driver_comes_before_no_pycuda(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is installed here: were pycuda imported, there would be nothing to import.
    monkeypatch.setitem(sys.modules, "pycuda", None)
    primary_context.cache_clear()
    with pytest.raises(BackendUnavailableError, match="no NVIDIA driver"):
        primary_context()


def test_what_one_thread_makes_another_frees(context: PrimaryContext, machine: Machine) -> None:
    def make() -> tuple[MirroredMemory, Stream]:
        with context.current("make"):
            return MirroredMemory(context.driver, 1000), Stream(context.driver)

    with ThreadPoolExecutor(1) as thread:
        memory, stream = thread.submit(make).result()
    with context.current("free"):
        memory.free()
        stream.free()
    machine.check()


def test_copies_arrive(context: PrimaryContext) -> None:
    given = np.arange(6, dtype=np.float32).reshape(2, 3)
    with context.current("copy"):
        memory, stream = MirroredMemory(context.driver, given.nbytes), Stream(context.driver)
        staged: Any = memory.view(given.shape, given.dtype)
        staged[:] = given
        stream.upload(memory.address, staged)
        stream.wait()
        staged[:] = 0
        stream.download(staged, memory.address)
        stream.wait()
        np.testing.assert_array_equal(staged, given)
        memory.free()
        stream.free()


def test_freeing_twice_does_nothing(context: PrimaryContext, machine: Machine) -> None:
    with context.current("test"):
        memory, stream = MirroredMemory(context.driver, 0), Stream(context.driver)
        for _ in range(2):
            memory.free()
            stream.free()
        with pytest.raises(ValueError, match="freed"):
            memory.view((1,), np.uint8)
    machine.check()


def test_half_of_a_mirror_is_not_left(context: PrimaryContext, machine: Machine) -> None:
    machine.memory_bytes = 100
    with pytest.raises(DeviceMemoryError, match="out of memory"), context.current("allocate"):
        MirroredMemory(context.driver, 1000)
    machine.check()
