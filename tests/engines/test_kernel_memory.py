"""No read or write outside an array, nothing undefined: the compiler's sanitisers say so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import kernel_child
from kernel_on_cpu import compile_kernel


@pytest.fixture(scope="module")
def sanitised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("sanitised") / "kernel.so"
    flags = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-O1", "-g")
    compile_kernel(target, *flags)
    return target


def run_child(library: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    runtime = subprocess.run(
        ["/usr/bin/env", "g++", "-print-file-name=libasan.so"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    environment = {
        **os.environ,
        "LD_PRELOAD": runtime,
        # Python itself leaks by its own standards; its small blocks must come from malloc.
        "ASAN_OPTIONS": "detect_leaks=0",
        "PYTHONMALLOC": "malloc",
        "PYTHONPATH": str(Path(kernel_child.__file__).parent),
    }
    command = [sys.executable, kernel_child.__file__, str(library), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=100, check=False
    )


def test_stays_in_its_memory(sanitised: Path) -> None:
    done = run_child(sanitised)
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_sanitiser_sees_a_row_too_many(sanitised: Path) -> None:
    done = run_child(sanitised, "--beyond")
    assert done.returncode != 0
    assert "heap-buffer-overflow" in done.stderr
