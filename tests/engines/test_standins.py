"""The stand-ins are as strict as the real bindings, and stricter where those would crash."""

from __future__ import annotations

import inspect
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
