"""TensorRT-RTX, which needs no GPU, builds plans through the code that TensorRT builds with.

What it builds cannot be loaded without a GPU: its runtime is asked what it thinks of the header.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import onnx
import pytest
import tensorrt_rtx_bindings as trt
from onnx import TensorProto, helper

from gleancam_engines.compile import compile_model, prepare_plan
from gleancam_engines.errors import CompileError, CompileMemoryError, ModelFileError
from gleancam_engines.fetching.progress import silent
from gleancam_engines.trt.apart import build_apart
from gleancam_engines.trt.build import build_plan
from gleancam_engines.trt.logger import KEPT, process_logger
from gleancam_engines.trt.opening import open_plan
from gleancam_engines.trt.profiles import profiles
from gleancam_engines.trt.settings import Settings
from gleancam_engines.trt.target import Target
from made_models import projection, write_model
from made_plans import made_key
from toolchain.rtx import NO_OPS, TARGET, copied, is_well_formed

pytestmark = [
    pytest.mark.filterwarnings(NO_OPS),
    pytest.mark.timeout(300),
]

CHILD = Path(__file__).parents[1] / "rtx_child.py"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "models" / "projection", projection())


def build(content: bytes, **changes: object) -> bytes:
    return build_plan(trt, content, made_key(**changes), name="made").plan


def one_node(operator: str, shape: list[str | int], domain: str = "") -> bytes:
    """Return a model of one node, `/head/it`, between `x` and `y`."""
    node = helper.make_node(operator, ["x"], ["y"], name="/head/it", domain=domain)
    tensors = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy"]
    graph = helper.make_graph([node], "graph", tensors[:1], tensors[1:])
    opsets = [helper.make_opsetid("", 17), *([helper.make_opsetid(domain, 1)] if domain else [])]
    content: bytes = onnx.helper.make_model(
        graph, opset_imports=opsets, ir_version=9
    ).SerializeToString()
    return content


def test_the_runtime_tells_plans_from_other_bytes() -> None:
    assert is_well_formed(build(projection()))
    assert not is_well_formed(projection())


def test_a_model_becomes_a_plan_that_is_found_again(model: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    plan = prepare_plan(
        model,
        precision="fp32",
        batches=(1, 8),
        target=TARGET,
        tell=lambda *what: told.append(what),
    )
    assert is_well_formed(plan.content)
    assert open_plan(model, precision="fp32", batches=(1, 8), target=TARGET) == plan
    done = [done for _, done, _ in told]
    assert done == sorted(done)
    assert len(done) > 10
    assert told[-1] == ("projection fp32", 1000, 1000)


def test_what_was_timed_is_taken_up(model: Path) -> None:
    compile_model(model, precision="fp32", batches=(1,), target=TARGET)
    (path,) = (model.parent / ".timing").iterdir()
    assert path.stat().st_size > 32
    assert compile_model(model, precision="fp32", batches=(2,), target=TARGET).content


def test_garbage_for_timings_is_no_failure() -> None:
    built = build_plan(trt, projection(), made_key(), name="made", timing=b"garbage" * 9)
    assert is_well_formed(built.plan)


def test_a_fixed_batch_has_no_profile() -> None:
    assert is_well_formed(build(projection(4), profiles=profiles((4,))))


def test_a_profile_is_in_the_plan() -> None:
    """A second profile is a second set of kernels."""
    one = build(projection(), profiles=profiles((8,)))
    assert len(build(projection(), profiles=profiles((1, 8)))) > len(one)


def test_flags_are_taken() -> None:
    assert is_well_formed(build(projection(), flags=("no_tf32",)))


@pytest.mark.parametrize("length", [1, 1000, 20_000])
def test_a_file_cut_short(length: int) -> None:
    with pytest.raises(ModelFileError, match="made: its ONNX file is damaged or cut short; run"):
        build(projection()[:length])


def test_an_empty_file() -> None:
    with pytest.raises(ModelFileError, match="has no inputs or no outputs"):
        build(b"")


def test_garbage() -> None:
    with pytest.raises(ModelFileError, match="is damaged"):
        build(b"not an onnx file" * 100)


def test_an_operator_that_nobody_knows_is_named_with_its_node() -> None:
    with pytest.raises(CompileError, match=r"operator Unheard \(node '/head/it'\).*onnxruntime"):
        build(one_node("Unheard", ["batch", 4], "org.example"))


def test_a_free_size_besides_the_batch() -> None:
    with pytest.raises(CompileError, match=r"input 'x' is \(-1, -1\), but only the batch may be"):
        build(one_node("Relu", ["batch", "width"]))


@pytest.mark.models
def test_too_small_a_workspace(models_directory: Path, tmp_path: Path) -> None:
    model = copied(models_directory / "tiny-vit-5m", tmp_path)
    with pytest.raises(CompileMemoryError, match=r"OutOfMemory \(Requested size was.*--workspace"):
        compile_model(
            model,
            precision="fp32",
            batches=(1, 8),
            settings=Settings(workspace_mib=1),
            target=TARGET,
        )
    assert not (model / "plans").exists()


@pytest.mark.models
def test_what_tensorrt_rtx_lacks_is_named(models_directory: Path, tmp_path: Path) -> None:
    """The NMS of this model is TensorRT's own operation, which TensorRT-RTX leaves out."""
    model = copied(models_directory / "picodet-416", tmp_path)
    with pytest.raises(CompileError, match=r"NonMaxSuppression.*set backend = 'onnxruntime'"):
        compile_model(model, precision="fp32", batches=(1,), target=TARGET)


def test_ctrl_c_stops_a_build_and_the_next_one_is_whole() -> None:
    def interrupt(_what: str, done: int, _total: int | None) -> None:
        if done > 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_plan(trt, projection(), made_key(), name="made", tell=interrupt)
    assert is_well_formed(build(projection()))


def test_errors_remembered_are_bounded() -> None:
    logger, errors, _ = process_logger(trt)
    messages = [f"error {number}" for number in range(2 * KEPT)]
    for message in messages:
        logger.log(trt.ILogger.Severity.ERROR, message)
        logger.log(trt.ILogger.Severity.VERBOSE, "page after page")
    assert list(errors) == messages[KEPT:]


def test_a_plan_is_built_apart(model: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    plan = compile_model(
        model,
        precision="fp32",
        batches=(1, 8),
        target=apart(),
        tell=lambda *what: told.append(what),
    )
    assert is_well_formed(plan.content)
    assert told[-1] == ("projection fp32", 1000, 1000)


def test_errors_come_across() -> None:
    with pytest.raises(CompileError, match=r"operator Unheard \(node '/head/it'\)"):
        build_apart_from(one_node("Unheard", ["batch", 4], "org.example"))


def test_what_is_logged_comes_across(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ModelFileError, match="is damaged"):
        build_apart_from(b"not an onnx file" * 100)
    assert "MODEL_DESERIALIZE_FAILED" in caplog.text


@pytest.mark.models
def test_out_of_memory_is_an_error_not_a_crash(models_directory: Path, tmp_path: Path) -> None:
    """Here TensorRT-RTX ends its process with a segmentation fault."""
    model = copied(models_directory / "tiny-vit-5m", tmp_path)
    with pytest.raises(CompileError, match="memory"):
        compile_model(model, precision="fp32", batches=(1, 8), target=apart("memory", "60"))
    assert not (model / "plans").exists()


@pytest.mark.parametrize(
    ("number", "error", "message"),
    [
        (signal.SIGKILL, CompileMemoryError, r"was ended \(SIGKILL\), most likely for want of mem"),
        (signal.SIGSEGV, CompileError, r"crashed \(SIGSEGV\); it may have run out of memory"),
    ],
)
def test_killed_in_the_middle_of_a_build_nothing_is_there(
    model: Path, number: signal.Signals, error: type[CompileError], message: str
) -> None:
    target = apart("signal", str(int(number)))
    with pytest.raises(error, match=message) as raised:
        compile_model(model, precision="fp32", batches=(1, 8), target=target)
    assert type(raised.value) is error
    assert not (model / "plans").exists()
    assert prepare_plan(model, precision="fp32", batches=(1, 8), target=apart()).content


def test_an_interrupted_build_leaves_no_process_behind(model: Path) -> None:
    def interrupt(_what: str, done: int, _total: int | None) -> None:
        if done > 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compile_model(
            model, precision="fp32", batches=(1,), target=apart("stop", "600"), tell=interrupt
        )
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def apart(*how: str) -> Target:
    command = (sys.executable, str(CHILD), *how)
    return replace(TARGET, build=partial(build_apart, command=command))


def build_apart_from(content: bytes) -> None:
    apart().build(content, made_key(), name="made", timing=b"", tell=silent)
