from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gleancam_engines.compile import compile_model, prepare_plan
from gleancam_engines.errors import (
    CompileError,
    ManifestError,
    ModelFileError,
    PlanError,
)
from gleancam_engines.trt.locked import locked
from gleancam_engines.trt.opening import open_plan
from gleancam_engines.trt.plans import stored
from gleancam_engines.trt.record import Plan
from gleancam_engines.trt.settings import Settings, read_settings, write_settings
from gleancam_engines.trt.target import Target
from made_models import projection, write_model
from made_plans import ORIN, Builder, made_model, made_target

CHILD = Path(__file__).parents[1] / "plan_child.py"
THOR = replace(ORIN, name="Thor", compute_capability=(11, 0))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return made_model(tmp_path / "models")


def prepare(model: Path, target: Target) -> Plan:
    return prepare_plan(model, precision="fp32", batches=(1, 8), target=target)


def test_a_plan_is_built_once(model: Path) -> None:
    builder = Builder()
    target = made_target(builder)
    plan = prepare(model, target)
    assert prepare(model, target) == plan
    assert open_plan(model, precision="fp32", batches=(8, 1), target=target) == plan
    assert builder.keys == [plan.key]
    assert plan.kernels == b"kernels for 8.7"


def test_compiling_builds_again(model: Path) -> None:
    builder = Builder()
    for _ in range(2):
        compile_model(model, precision="fp32", batches=(1,), target=made_target(builder))
    assert len(builder.keys) == 2


def test_nothing_is_built_to_open_a_plan(model: Path) -> None:
    builder = Builder()
    with pytest.raises(PlanError, match="was not compiled for orin-sm87, fp32"):
        open_plan(model, precision="fp32", batches=(1,), target=made_target(builder))
    assert builder.keys == []


def test_a_damaged_plan_is_built_anew(model: Path) -> None:
    target = made_target()
    plan = prepare(model, target)
    (plan.path / "plan.engine").write_bytes(b"damaged")
    assert prepare(model, target) == plan


@pytest.mark.parametrize(
    "other", [made_target(tensorrt="10.4.0"), made_target(device=THOR)], ids=["library", "device"]
)
def test_another_device_or_library_builds_its_own(model: Path, other: Target) -> None:
    ours, theirs = prepare(model, made_target()), prepare(model, other)
    assert ours.path != theirs.path
    assert prepare(model, made_target()) == ours


def test_plans_do_not_pile_up(model: Path) -> None:
    versions = ["10.3.0", "10.4.0", "10.5.0", "10.6.0"]
    for version in versions:
        prepare(model, made_target(tensorrt=version))
    assert [record.tensorrt for record in stored(model)] == versions[:-3:-1]


def test_other_weights_are_another_plan(model: Path) -> None:
    plan = prepare(model, made_target())
    write_model(model, projection() + b"\x00\x00")  # an unknown field, as far as ONNX goes
    assert prepare(model, made_target()).path != plan.path


def test_the_progress_of_a_build_is_told(model: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    prepare_plan(
        model,
        precision="fp32",
        batches=(1,),
        target=made_target(),
        tell=lambda *what: told.append(what),
    )
    assert told == [("projection fp32", 500, 1000)]


def test_what_was_timed_is_kept_for_the_device_and_the_library(model: Path) -> None:
    builder = Builder()
    compile_model(model, precision="fp32", batches=(1,), target=made_target(builder))
    compile_model(model, precision="fp32", batches=(2,), target=made_target(builder))
    other = made_target(builder, device=THOR)
    compile_model(model, precision="fp32", batches=(1,), target=other)
    assert builder.timings == [b"", b".", b""]


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 100])
def test_damaged_timings_are_dropped(
    model: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    builder = Builder()
    compile_model(model, precision="fp32", batches=(1,), target=made_target(builder))
    (path,) = (model.parent / ".timing").iterdir()
    assert path.name == "orin-sm87-10.3.0.cache"
    path.write_bytes(damage)
    compile_model(model, precision="fp32", batches=(1,), target=made_target(builder))
    assert builder.timings == [b"", b""]
    assert "is damaged and was deleted" in caplog.text


def test_timings_that_cannot_be_kept_cost_no_plan(
    model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (model.parent / ".timing").write_text("", encoding="utf-8")
    assert prepare(model, made_target()).content
    assert "the next build is slower" in caplog.text


def test_a_build_that_fails_leaves_nothing(model: Path) -> None:
    def fail() -> None:
        raise CompileError("no")

    with pytest.raises(CompileError, match=r"^no$"):
        prepare(model, made_target(Builder(fail)))
    assert not (model / "plans").exists()
    assert prepare(model, made_target()).content


def test_settings_are_part_of_the_key(model: Path) -> None:
    usual = prepare(model, made_target())
    write_settings(model, Settings(workspace_mib=64))
    assert read_settings(model) == Settings(workspace_mib=64)
    assert prepare(model, made_target()).key.workspace_bytes == 64 << 20
    write_settings(model, Settings())
    assert prepare(model, made_target()) == usual


@pytest.mark.parametrize("text", ["{", '{"workspace_mib": 0}', '{"unknown": 1}'])
def test_damaged_settings_are_told(model: Path, text: str) -> None:
    (model / "plans").mkdir()
    (model / "plans" / "settings.json").write_text(text, encoding="utf-8")
    with pytest.raises(CompileError, match=r"settings\.json cannot be read .* delete it"):
        prepare(model, made_target())


def test_a_fixed_batch_is_taken_from_what_is_asked_for(tmp_path: Path) -> None:
    fixed = write_model(tmp_path / "models" / "projection", projection(1), 1)
    assert prepare(fixed, made_target()).key.batches == "1"
    with pytest.raises(CompileError, match="takes batches of 1 only"):
        prepare_plan(fixed, precision="fp32", batches=(4, 8), target=made_target())


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="run 'gleancam models fetch absent'"):
        prepare(tmp_path / "absent", made_target())


def test_a_damaged_model_is_not_compiled(model: Path) -> None:
    builder = Builder()
    (model / "model.onnx").write_bytes(projection()[:-1])
    with pytest.raises(ModelFileError, match="run 'gleancam models fetch projection'"):
        prepare(model, made_target(builder))
    assert builder.keys == []


def build_in_a_process(model: Path, log: Path) -> subprocess.Popen[str]:
    command = [sys.executable, str(CHILD), str(model), "build", str(log)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_of_two_processes_one_builds_and_both_have_the_plan(model: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    first, second = (build_in_a_process(model, log) for _ in range(2))
    plans = [process.communicate()[0] for process in (first, second)]
    assert plans[0] == plans[1] != ""
    assert log.read_text(encoding="utf-8") == "built\n"


def test_a_killed_builder_stops_nobody(model: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    # It waits in the middle of its build, for a reader of the pipe.
    builder = build_in_a_process(model, tmp_path / "log")
    told: list[str] = []

    def kill_when_waiting(what: str, *_: object) -> None:
        told.append(what)
        builder.kill()

    while not held(model.parent):
        assert builder.poll() is None
    prepare_plan(
        model, precision="fp32", batches=(1,), target=made_target(), tell=kill_when_waiting
    )
    assert told[0] == "waiting for another process that compiles"
    builder.communicate()
    assert builder.returncode == -signal.SIGKILL


def held(directory: Path) -> bool:
    """Whether another process holds the lock of a directory."""

    def no() -> None:
        raise BlockingIOError

    try:
        with locked(directory, waiting=no):
            return False
    except BlockingIOError:
        return True


def test_what_cannot_be_locked_is_told(tmp_path: Path) -> None:
    with pytest.raises(CompileError, match="absent cannot be locked"), locked(tmp_path / "absent"):
        pytest.fail("it was locked")


def test_without_a_device_it_says_so_and_ends_by_itself() -> None:
    """Here there is no driver; where there is one, it is told to show no device."""
    program = (
        "import sys; from gleancam_engines.trt.target import this_device\n"
        "from gleancam_engines.errors import BackendUnavailableError\n"
        "try: this_device()\n"
        "except BackendUnavailableError as error: print(error); sys.exit(7)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
    )
    assert done.returncode == 7, done.stderr
    assert "NVIDIA driver" in done.stdout
