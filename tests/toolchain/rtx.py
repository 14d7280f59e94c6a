"""TensorRT-RTX, which needs no GPU, as what compiles for an Orin."""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path

import tensorrt_rtx_bindings as trt

from gleancam_engines.trt.build import build_plan
from gleancam_engines.trt.logger import process_logger
from gleancam_engines.trt.target import Target
from made_plans import ORIN, compile_kernels

TARGET = Target(ORIN, trt.__version__, partial(build_plan, trt), compile_kernels, "k" * 16)

NO_OPS = "ignore:.*no-ops in TensorRT-RTX:DeprecationWarning"
"""Timing caches, of TensorRT-RTX alone: in TensorRT itself they are as they were."""


def is_well_formed(plan: bytes) -> bool:
    """Ask the runtime whether these bytes are a plan of its version, for whatever GPU."""
    runtime = trt.Runtime(process_logger(trt)[0])
    _, diagnostics = runtime.get_engine_validity(plan[: runtime.engine_header_size])
    wrong = trt.EngineInvalidityDiagnostics
    return not diagnostics & (int(wrong.MALFORMED_ENGINE) | int(wrong.VERSION_MISMATCH))


def copied(model: Path, to: Path) -> Path:
    """Return a copy of a model directory, in a models directory of its own; files are shared."""
    return Path(shutil.copytree(model, to / "models" / model.name, copy_function=_link))


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)
