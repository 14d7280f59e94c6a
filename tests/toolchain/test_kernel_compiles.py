"""The kernel's source compiles to machine code for the devices there are, with no device here."""

from __future__ import annotations

import re
import shutil

import pytest

from gleancam_engines.kernels.build import SOURCE, build_cubin
from toolchain.nvrtc import compile_cubin

ORIN, HOPPER, THOR = (8, 7), (9, 0), (11, 0)
FUNCTIONS = {"preprocess_f32", "preprocess_f16", "preprocess_u8"}
ELF, CUDA_MACHINE = b"\x7fELF", 190


def assert_machine_code(cubin: bytes) -> None:
    assert cubin.startswith(ELF)
    assert int.from_bytes(cubin[18:20], "little") == CUDA_MACHINE
    named = {name.decode() for name in re.findall(rb"\.text\.(\w+)\0", cubin)}
    assert named == FUNCTIONS


@pytest.mark.parametrize("capability", [ORIN, HOPPER, THOR])
def test_nvrtc(capability: tuple[int, int]) -> None:
    major, minor = capability
    cubin, log = compile_cubin(SOURCE, f"sm_{major}{minor}")
    assert_machine_code(cubin)
    assert "warning" not in log
    assert log.count("0 bytes spill stores, 0 bytes spill loads") == len(FUNCTIONS)


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="no nvcc here; NVRTC has compiled it")
@pytest.mark.parametrize("capability", [ORIN, HOPPER, THOR])
def test_nvcc(capability: tuple[int, int]) -> None:
    assert_machine_code(build_cubin(capability))
