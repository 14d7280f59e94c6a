"""A `libcuda.so.1` for `cuda.driver.probe`, compiled from libcuda.c; the environment sets it."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from gleancam_engines.cuda import driver
from standins.machine import Machine

SOURCE = Path(__file__).with_name("libcuda.c")


@cache
def libcuda() -> Path:
    """Return the compiled library."""
    compiler = shutil.which("g++")
    assert compiler, "no g++: run scripts/system-packages.sh --tests"
    target = Path(mkdtemp(prefix="gleancam-tests-")) / "libcuda.so.1"
    options = ["-x", "c", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([compiler, *options, "-o", str(target), str(SOURCE)], check=True)
    return target


def install_driver(monkeypatch: pytest.MonkeyPatch, machine: Machine) -> None:
    """Let `probe()` find the machine: through the real ctypes calls, in a library of our own."""
    major, minor = machine.compute_capability
    monkeypatch.setenv("STANDIN_CUDA_NAME", machine.name)
    monkeypatch.setenv("STANDIN_CUDA_SM", f"{major}{minor}")
    monkeypatch.setenv("STANDIN_CUDA_BYTES", str(machine.memory_bytes))
    monkeypatch.setattr(driver.probe, "__defaults__", (str(libcuda()),))
