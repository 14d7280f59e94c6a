"""The stand-in for pycuda finds what a real device forgives, or answers with a crash."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from standins.machine import Machine
from standins_rig import Rig


@pytest.fixture
def rig() -> Rig:
    return Rig.of("10.16")


def test_a_thread_without_a_context_may_do_nothing(rig: Rig) -> None:
    with pytest.raises(rig.cuda.LogicError, match="invalid device context"):
        rig.cuda.mem_alloc(4)
    with pytest.raises(rig.cuda.LogicError, match="cannot pop non-current context"):
        rig.cuda.Context.pop()
    rig.close()


def test_a_context_is_current_for_the_thread_that_pushed_it(rig: Rig) -> None:
    errors: list[Exception] = []

    def other() -> None:
        with pytest.raises(rig.cuda.LogicError) as raised:
            rig.cuda.mem_alloc(4)
        errors.append(raised.value)

    with rig.current():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert errors
    rig.close()


def test_a_context_left_pushed_is_found() -> None:
    rig = Rig.of("10.16")
    rig.primary.push()
    with pytest.raises(AssertionError, match="left pushed"):
        rig.machine.check()


def test_memory_freed_by_a_thread_without_its_context_is_a_leak(rig: Rig) -> None:
    with rig.current():
        held = [rig.cuda.mem_alloc(4)]
    thread = threading.Thread(target=held.clear)
    thread.start()
    thread.join()
    with pytest.raises(AssertionError, match="without its context"):
        rig.machine.check()


@pytest.mark.parametrize("kind", ["device", "pinned"])
def test_memory_that_is_not_freed_is_found(rig: Rig, kind: str) -> None:
    with rig.current():
        kept = rig.cuda.mem_alloc(4) if kind == "device" else rig.pinned((4,))
    with pytest.raises(AssertionError, match="memory leak"):
        rig.close()
    assert kept is not None


def test_a_second_free_is_an_error(rig: Rig) -> None:
    with rig.current():
        memory = rig.cuda.mem_alloc(4)
        memory.free()
        with pytest.raises(rig.cuda.LogicError, match="invalid resource handle"):
            memory.free()
    rig.close()


def test_freed_memory_is_not_used(rig: Rig) -> None:
    with rig.current():
        memory, host = rig.cuda.mem_alloc(16), rig.pinned((4,))
        rig.cuda.memcpy_htod_async(memory, host, rig.stream)
        memory.free()
        with pytest.raises(AssertionError, match="used after free"):
            rig.stream.synchronize()
        del host
    rig.close()


def test_a_copy_in_the_background_needs_page_locked_memory(rig: Rig) -> None:
    with rig.current():
        memory = rig.cuda.mem_alloc(16)
        with pytest.raises(AssertionError, match="no page-locked host memory"):
            rig.cuda.memcpy_htod_async(memory, np.zeros(4, np.float32), rig.stream)
        memory.free()
    rig.close()


def test_a_copy_stays_within_its_memory(rig: Rig) -> None:
    with rig.current():
        memory, host = rig.cuda.mem_alloc(15), rig.pinned((4,))
        with pytest.raises(AssertionError, match="no device memory"):
            rig.cuda.memcpy_htod_async(memory, host, rig.stream)
        memory.free()
        del host
    rig.close()


def test_a_stream_is_not_destroyed_with_work_on_it(rig: Rig) -> None:
    with rig.current():
        stream = rig.cuda.Stream()
        queue = stream._queue
        memory = rig.cuda.mem_alloc(16)
        rig.cuda.memset_d8_async(memory, 0, 16, stream)
        with pytest.raises(AssertionError, match="work waits"):
            rig.machine.close_queue(queue)
        stream.synchronize()
        memory.free()
        del stream
    rig.close()


def test_more_memory_than_there_is_cannot_be_had() -> None:
    rig = Rig.of("10.16", Machine(memory_bytes=1 << 10))
    with rig.current(), pytest.raises(rig.cuda.MemoryError, match="out of memory"):
        rig.cuda.mem_alloc(1 << 11)
    rig.close()


def test_an_array_of_page_locked_memory_has_its_owner_as_base(rig: Rig) -> None:
    with rig.current():
        array = rig.cuda.pagelocked_zeros((2, 3), np.float16)
        assert isinstance(array.base, rig.cuda.PagelockedHostAllocation)
        assert (array.shape, array.dtype) == ((2, 3), np.float16)
        assert not array.any()
        array.base.free()
        del array
    rig.close()
