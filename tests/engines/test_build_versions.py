"""What the building code asks of TensorRT 10.3, 10.16 and 11.4, shaped by their real bindings."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from gleancam_engines.errors import (
    BackendUnavailableError,
    CompileError,
    CompileMemoryError,
    ModelFileError,
)
from gleancam_engines.trt import library
from gleancam_engines.trt.build import Built, build_plan
from gleancam_engines.trt.library import check_release, load_tensorrt, release
from made_models import projection
from made_plans import made_key
from standins.install import install, tensorrt
from standins.machine import Machine
from standins.plan_files import Plan, decode
from surfaces.surface import TENSORRT_VERSIONS

SHAPE = (3, 16, 16)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture(params=TENSORRT_VERSIONS)
def trt(request: pytest.FixtureRequest, machine: Machine) -> ModuleType:
    version: str = request.param
    return tensorrt(version, machine)


def build(trt: ModuleType, content: bytes | None = None) -> Built:
    return build_plan(trt, content or projection(), made_key(), name="made")


def built(trt: ModuleType, **changes: object) -> Plan:
    plan = decode(build_plan(trt, projection(), made_key(**changes), name="made").plan)
    assert plan is not None
    return plan


def test_types_come_from_the_file(trt: ModuleType) -> None:
    assert built(trt).strongly_typed


def test_strong_typing_is_asked_for_only_where_it_is_a_choice(
    trt: ModuleType, machine: Machine
) -> None:
    build(trt)
    (call,) = [call for call in machine.recording.calls if call.name == "Builder.create_network"]
    typed = 1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
    assert call.arguments["flags"] == (typed if trt.__version__.startswith("10.") else 0)


def test_profiles_and_workspace_are_those_of_the_key(trt: ModuleType) -> None:
    plan = built(trt)
    shapes = [profile.shapes["image"] for profile in plan.profiles]
    assert shapes == [
        ((1, *SHAPE), (8, *SHAPE), (8, *SHAPE)),
        ((1, *SHAPE), (1, *SHAPE), (1, *SHAPE)),
    ]
    assert plan.pools == {"WORKSPACE": 1 << 30}


def test_a_fixed_batch_needs_no_profile(trt: ModuleType) -> None:
    plan = decode(build(trt, projection(4)).plan)
    assert plan is not None
    assert plan.profiles == ()


def test_flags_are_those_of_the_key(trt: ModuleType) -> None:
    usual = set(built(trt).flags)
    assert set(built(trt, flags=("no_tf32",)).flags) == usual - {"TF32"}
    assert set(built(trt, flags=("version_compatible",)).flags) == usual | {"VERSION_COMPATIBLE"}


def test_what_was_timed_is_taken_up(trt: ModuleType) -> None:
    first = build(trt)
    again = build_plan(trt, projection(), made_key(), name="made", timing=first.timing)
    assert again.plan == first.plan
    assert again.timing != first.timing


def test_the_progress_is_told(trt: ModuleType) -> None:
    told: list[tuple[str, int, int | None]] = []
    build_plan(trt, projection(), made_key(), name="made", tell=lambda *what: told.append(what))
    assert [what for what, _, _ in told] == ["made fp16"] * len(told)
    assert told[-1][1:] == (1000, 1000)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_without_a_progress_monitor_it_builds_too(
    trt: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(trt, "IProgressMonitor")
    assert build(trt).plan


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        (
            "[localCheckMacros.cpp::getErrorStr::132] Error Code 2: OutOfMemory (Requested 7)",
            CompileMemoryError,
            r"^made: too little memory to compile it \(Error Code 2: OutOfMemory \(Requested 7\)\)",
        ),
        ("Could not find any implementation for node {X}", CompileError, "implementation for node"),
    ],
)
def test_the_reason_is_what_was_logged(
    trt: ModuleType, machine: Machine, said: str, error: type[CompileError], message: str
) -> None:
    machine.errors["Builder.build_serialized_network"] = said
    with pytest.raises(error, match=message) as raised:
        build(trt)
    assert type(raised.value) is error


def test_an_operator_that_is_not_supported(trt: ModuleType, machine: Machine) -> None:
    machine.refused_operators = frozenset({"MatMul"})
    with pytest.raises(CompileError, match=f"TensorRT {trt.__version__} does not take.*MatMul"):
        build(trt)


def test_a_damaged_file(trt: ModuleType) -> None:
    with pytest.raises(ModelFileError, match="made: its ONNX file is damaged"):
        build(trt, projection()[:1000])


def test_an_interrupted_build_is_stopped(trt: ModuleType) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_plan(trt, projection(), made_key(), name="made", tell=interrupt)
    assert build(trt).plan


@pytest.mark.parametrize("version", TENSORRT_VERSIONS)
def test_these_versions_are_taken(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, version)
    assert ".".join(map(str, release(load_tensorrt().__version__))) == version


@pytest.mark.parametrize("version", ["8.6.1", "10.2.0.post1", "12.0.0.1"])
def test_other_versions_are_not(version: str) -> None:
    with pytest.raises(BackendUnavailableError, match=f"TensorRT {version} is installed, but 10.3"):
        check_release(version)


@pytest.mark.parametrize(("jetson", "cure"), [(True, "python3-libnvinfer"), (False, "pip install")])
def test_no_tensorrt(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, jetson: bool, cure: str
) -> None:
    install(monkeypatch, TENSORRT_VERSIONS[0])
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    monkeypatch.setattr(library, "_JETSON", tmp_path if jetson else tmp_path / "absent")
    with pytest.raises(BackendUnavailableError, match=f"TensorRT cannot be imported.*{cure}"):
        load_tensorrt()
