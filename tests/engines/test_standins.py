"""The stand-ins are as strict as the real bindings, and stricter where those would crash."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from standins.install import PYCUDA, TENSORRT, pycuda_driver, tensorrt
from standins.machine import Machine
from standins_rig import Rig, plan_of
from surfaces.surface import TENSORRT_VERSIONS, Surface, pycuda_surface, tensorrt_surface


@pytest.fixture
def rig() -> Rig:
    return Rig.of("10.16")


def public(kind: type) -> set[str]:
    """The names that can be read of a class, as a reader of the bindings would find them."""
    found = {name for name in dir(kind) if not name.startswith("_")}
    return {
        name for name in found if inspect.getattr_static(kind, name).__class__.__name__ != "Missing"
    }


@pytest.mark.parametrize("version", TENSORRT_VERSIONS)
def test_tensorrt_has_the_names_of_the_surface_and_no_others(version: str) -> None:
    surface = tensorrt_surface(version)
    held_to(surface, tensorrt(version, Machine()), set(TENSORRT))


def test_pycuda_has_the_names_of_the_surface_and_no_others() -> None:
    held_to(pycuda_surface(), pycuda_driver(Machine()), set(PYCUDA))


def held_to(surface: Surface, module: Any, made: set[str]) -> None:
    for name in made:
        kind, base = getattr(module, name), surface.classes[name].base
        told = surface.classes[name].names | (surface.classes[base].names if base else set())
        nested = {full.rpartition(".")[2] for full in surface.classes if "." in full}
        assert public(kind) - nested == {one for one in told if not one.startswith("_")}, name
    for name, told_class in surface.classes.items():
        if told_class.members and "." not in name:
            members = getattr(module, name).__members__
            assert {key: int(value) for key, value in members.items()} == told_class.members


def test_what_11_dropped_is_missing_there() -> None:
    assert hasattr(tensorrt("10.3", Machine()).BuilderFlag, "FP16")
    assert not hasattr(tensorrt("11.4", Machine()).BuilderFlag, "FP16")


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda rig: rig.context.execute_async_v2(1), AttributeError),
        (lambda rig: rig.context.execute_async_v3(), TypeError),
        (lambda rig: rig.context.execute_async_v3(stream=1), TypeError),
        (lambda rig: rig.context.execute_async_v3("1"), TypeError),
        (lambda rig: rig.context.set_tensor_address("image", None), TypeError),
        (lambda rig: setattr(rig.engine, "name", "other"), AttributeError),
        (lambda rig: rig.trt.ICudaEngine(), TypeError),
        (lambda rig: rig.trt.Builder(), TypeError),
        (lambda rig: rig.cuda.mem_alloc("4"), TypeError),
        (lambda rig: rig.cuda.mem_alloc(np.int64(4)), TypeError),
        (lambda rig: rig.cuda.mem_alloc(4).address, AttributeError),
        (lambda rig: rig.cuda.Context(), TypeError),
        (lambda rig: rig.cuda.memset_d32(1, 2, 3), NotImplementedError),
    ],
)
def test_a_call_that_the_bindings_refuse_is_refused(
    rig: Rig, call: Callable[[Rig], object], error: type[Exception]
) -> None:
    with rig.current(), pytest.raises(error):
        call(rig)
    rig.close()


def test_a_class_that_forgets_the_constructor_of_its_base_is_refused(rig: Rig) -> None:
    class Logger(rig.trt.ILogger):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            pass

    with pytest.raises(TypeError, match="must be called when overriding __init__"):
        Logger()
    rig.close()


def test_a_run_computes_what_onnx_runtime_does(rig: Rig) -> None:
    with rig.current():
        given, out = rig.run(batch=3)
    np.testing.assert_allclose(out, rig.reference(given), rtol=1e-6)
    rig.close()


def test_without_a_wait_nothing_has_happened(rig: Rig) -> None:
    with rig.current():
        _, out = rig.run(batch=3, wait=False)
        assert np.isnan(out).all()
        rig.stream.synchronize()
        assert not np.isnan(out).any()
    rig.close()


def test_an_event_waits_for_what_was_asked_before_it_alone(rig: Rig) -> None:
    with rig.current():
        host, device = rig.pinned((4,)), rig.cuda.mem_alloc(16)
        host[:] = 1
        rig.cuda.memcpy_htod_async(device, host, rig.stream)
        event = rig.cuda.Event().record(rig.stream)
        rig.cuda.memset_d8_async(device, 0, 16, rig.stream)
        event.synchronize()
        assert event.query()
        assert not rig.stream.is_done()
        back = np.empty(4, np.float32)
        rig.cuda.memcpy_dtoh(back, device)
        np.testing.assert_array_equal(back, host)
        rig.stream.synchronize()
        rig.cuda.memcpy_dtoh(back, device)
        assert not back.any()
        del event, host, device
    rig.close()


@pytest.mark.parametrize("shape", [(5, 3, 16, 16), (0, 3, 16, 16), (1, 3, 16), (1, 3, 8, 16)])
def test_a_shape_outside_the_profile_is_refused_and_logged(
    rig: Rig, shape: tuple[int, ...]
) -> None:
    assert rig.context.set_input_shape("image", shape) is False
    assert "outside the profile" in rig.said[-1]
    rig.close()


@pytest.mark.parametrize(
    ("left_out", "said"), [("shape", "shapes are not set"), ("address", "addresses are not set")]
)
def test_a_run_that_lacks_something_is_refused(rig: Rig, left_out: str, said: str) -> None:
    with rig.current():
        if left_out != "shape":
            rig.context.set_input_shape("image", (1, 3, 16, 16))
        assert rig.context.execute_async_v3(rig.stream.handle) is False
    assert said in rig.said[-1]
    rig.close()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda plan: plan[:-1], "magic tag"),
        (lambda plan: b"x" + plan, "magic tag"),
        (lambda _: b"", "magic tag"),
        (lambda _: plan_of(Rig.of("10.3")), "Version tag does not match"),
        (lambda _: plan_of(Rig.of("10.16", Machine(compute_capability=(9, 0)))), "incompatible"),
    ],
)
def test_a_plan_from_elsewhere_gives_nothing_and_an_error(
    rig: Rig, spoil: Callable[[bytes], bytes], said: str
) -> None:
    assert rig.runtime.deserialize_cuda_engine(spoil(rig.plan)) is None
    assert said in rig.said[-1]
    rig.close()


def test_a_plan_with_code_for_the_host_wants_that_allowed() -> None:
    rig = Rig.of("10.16", flags=("VERSION_COMPATIBLE",), load=False)
    assert rig.runtime.deserialize_cuda_engine(rig.plan) is None
    rig.runtime.engine_host_code_allowed = True
    assert rig.runtime.deserialize_cuda_engine(rig.plan) is not None


def test_an_engine_needs_its_runtime(rig: Rig) -> None:
    del rig.runtime
    with pytest.raises(AssertionError, match="after its runtime was deleted"):
        _ = rig.engine.num_io_tensors
    rig.close()


def test_two_threads_in_one_execution_context_are_seen(rig: Rig) -> None:
    with rig.context._alone(), pytest.raises(AssertionError, match="two threads"):
        rig.context.set_input_shape("image", (1, 3, 16, 16))
    rig.close()


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
