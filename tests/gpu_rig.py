"""A GPU that is not there: stand-ins for the driver, pycuda and TensorRT, and plans for it.

With `GLEANCAM_REAL_TENSORRT=1`, which tests/gpu/run.sh sets, it is this machine's own GPU instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from gleancam_engines.compile import compile_model
from gleancam_engines.half import to_half
from gleancam_engines.manifest import load
from gleancam_engines.opening import Opening
from gleancam_engines.precision import Precision
from gleancam_engines.trt.build import build_plan
from gleancam_engines.trt.library import load_tensorrt
from gleancam_engines.trt.record import Plan
from gleancam_engines.trt.target import this_device
from gleancam_engines.variants import write_variant
from gleancam_engines.weights import read_checked
from standins.install import install
from standins.machine import Machine
from surfaces.surface import TENSORRT_VERSIONS

REAL = os.environ.get("GLEANCAM_REAL_TENSORRT") == "1"
VERSIONS = ("real",) if REAL else TENSORRT_VERSIONS
"""Of the TensorRTs that a contract is held to."""
OLDEST = VERSIONS[0]
CUBIN = b"\x7fELF and nothing more: the stand-in runs what g++ made of the kernels"


@contextmanager
def simulated_gpu(
    monkeypatch: pytest.MonkeyPatch, version: str = OLDEST, machine: Machine | None = None
) -> Iterator[Machine]:
    """Have a GPU and a TensorRT of this version; at the end nothing of it may be left in use."""
    if REAL:
        yield machine or Machine()  # it has nothing to record
        return
    machine = install(monkeypatch, version, machine)
    yield machine
    machine.check()


def compile_here(
    directory: Path, *, precision: Precision = "fp32", batches: Sequence[int] = (1,)
) -> Plan:
    """Compile a model directory for the simulated GPU, through the real compiling code."""
    if precision == "fp16":
        manifest = load(directory)
        content = to_half(read_checked(directory, manifest))
        write_variant(directory, manifest, "fp16", content, made_by="a test")
    if REAL:
        return compile_model(directory, precision=precision, batches=batches)
    # Another process would not have the stand-ins.
    build = partial(build_plan, load_tensorrt())
    target = replace(this_device(), build=build, compile_kernels=lambda _: CUBIN)
    return compile_model(directory, precision=precision, batches=batches, target=target)


def on_gpu(precision: Precision = "fp32", batches: tuple[int, ...] = (1,)) -> Opening:
    """Choose TensorRT, without a receipt."""
    return Opening("tensorrt", precision, batches=batches, unverified=True)
