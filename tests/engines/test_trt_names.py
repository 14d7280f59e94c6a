"""What our code calls exists in TensorRT 10.3, 10.16 and 11.4, and in pycuda, as it calls it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

import gleancam_engines
from surfaces.inference import Modules
from surfaces.surface import TENSORRT_VERSIONS, pycuda_surface, tensorrt_surface
from surfaces.uses import Use, find_uses
from surfaces.verdicts import fault

ROOT = Path(gleancam_engines.__file__).parent
MENTION = re.compile(r"\btrt\.[A-Z]|load_tensorrt|load_pycuda|primary_context|cuda\.driver\b")
FILES = sorted(
    file
    for file in ROOT.rglob("*.py")
    if file.parent.name in ("trt", "cuda") or MENTION.search(file.read_text())
)
MODULES: Modules = {
    "trt": [tensorrt_surface(version) for version in TENSORRT_VERSIONS],
    "driver": [pycuda_surface()],
}

EXCUSED = {
    ("NetworkDefinitionCreationFlag", "STRONGLY_TYPED", "11.4"): (
        "set only where the release is 10; 11 has no other typing, and calls the flag deprecated"
    ),
}
"""Class, name and version of what is wrong there, but stands behind a question for the version."""


@cache
def uses() -> tuple[Use, ...]:
    texts = {file.relative_to(ROOT).as_posix(): file.read_text() for file in FILES}
    return tuple(find_uses(texts, MODULES))


@pytest.mark.parametrize("version", TENSORRT_VERSIONS)
def test_every_use_of_tensorrt_is_right_in_this_version(version: str) -> None:
    surface = tensorrt_surface(version)
    told = [(use, fault(use, surface)) for use in meant("trt")]
    wrong = {
        (use.owner.name, use.name, version): f"{use.where}: {text}" for use, text in told if text
    }
    assert not {key: text for key, text in wrong.items() if key not in EXCUSED}
    excused = {key for key in EXCUSED if key[-1] == version}
    assert excused <= wrong.keys(), "an excuse that nothing needs"


def test_every_use_of_pycuda_is_right() -> None:
    told = [(use, fault(use, pycuda_surface())) for use in meant("driver")]
    assert not [f"{use.where}: {text}" for use, text in told if text]


def meant(module: str) -> list[Use]:
    """The uses that must be right everywhere: all but questions for what some versions have."""
    return [use for use in uses() if use.owner.module == module and use.how != "asked"]


def test_what_is_asked_for_exists_in_some_version() -> None:
    asked = [use for use in uses() if use.how == "asked"]
    assert asked
    for use in asked:
        told = [fault(use, surface) for surface in MODULES[use.owner.module]]
        assert "" in told, (use, told)


def test_the_calls_that_matter_are_among_those_found() -> None:
    found = {f"{use.owner.name}.{use.name}" for use in uses()}
    assert found >= {
        "Builder.create_network",
        "Builder.build_serialized_network",
        "OnnxParser.parse",
        "IBuilderConfig.set_memory_pool_limit",
        "IBuilderConfig.add_optimization_profile",
        "IBuilderConfig.progress_monitor",
        "IOptimizationProfile.set_shape",
        "ILogger.log",
        "IProgressMonitor.step_complete",
        "Runtime.deserialize_cuda_engine",
        "Runtime.engine_host_code_allowed",
        "ICudaEngine.get_tensor_mode",
        "IExecutionContext.set_input_shape",
        "IExecutionContext.execute_async_v3",
        ".mem_alloc",
        ".memcpy_htod_async",
        "Context.push",
        "Module.get_function",
    }


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("def f(context: Any): context.execute_async_v2(1)", "has no execute_async_v2"),
        ("def f(context: Any): context.execute_async_v3(stream=1)", "execute_async_v3 is"),
        ("def f(context: Any): context.set_tensor_address('a')", "set_tensor_address is"),
        ("def f(trt: Any): trt.BuilderFlag.FP16", "FP16"),
        ("def f(trt: Any): trt.IInt8Calibrator", "no IInt8Calibrator"),
        ("def f(engine: Any): engine.num_layers = 2", "cannot be set"),
        ("def f(engine: Any): engine.has_implicit_batch_dimension", "is deprecated"),
        (
            "p = trt.Builder(1).create_optimization_profile()\np.set_shape('a', (1,), (1,))",
            "set_shape is",
        ),
        ("def f(trt: Any):\n class M(trt.IProgressMonitor):\n  def phase_end(self, a): ...", "no"),
        ("def f(trt: Any):\n class M(trt.ILogger):\n  def log(self, text): ...", "log is"),
        (
            "class A:\n def f(self, e):\n  self.engine: Any = e\n  self.engine.num_bindings",
            "has no",
        ),
        ("def f(driver: Any): driver.mem_alloc()", "mem_alloc is"),
        ("from pycuda import driver\ndriver.Device(0).make_primary()", "has no make_primary"),
    ],
)
def test_a_wrong_use_is_found(code: str, why: str) -> None:
    found = find_uses({"made.py": f"import tensorrt as trt\n{code}"}, MODULES)
    faults = [
        fault(use, surface) for use in found for surface in reversed(MODULES[use.owner.module])
    ]
    assert any(why in text for text in faults), (found, faults)
