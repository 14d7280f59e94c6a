"""`preprocess.cu` as the C++ compiler builds it, launched as a GPU would."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gleancam_engines.kernels import layout
from gleancam_engines.kernels.build import SOURCE
from gleancam_engines.kernels.launch import Extent, function_name, grid
from gleancam_engines.kernels.memory import FrameMemory, PlaneMemory
from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import Planes

HOST = Path(__file__).with_name("kernel_host.cpp")
FLAGS = ("-std=c++17", "-O2", "-shared", "-fPIC", "-Wall", "-Wextra", "-Wshadow", "-Werror")
ONE_LANE: Extent = (1, 1, 1)
"""A block of one thread does the work of 256, without the cost of switching between them."""


class SplitBlockError(Exception):
    """Some threads of a block ended while others waited for them."""


@dataclass(frozen=True)
class CpuKernel:
    """The compiled source."""

    library: ctypes.CDLL

    def launch(
        self,
        name: str,
        arguments: tuple[int, npt.NDArray[Any], int],
        size: tuple[Extent, Extent],
        *,
        backwards: bool = False,
    ) -> None:
        """Run a function over a grid of blocks, `size`, with its three arguments.

        They are the address of the `FRAME`s, a `PARAMS`, and the address of the tensor. With
        `backwards` the last thread of a block is the first to run.
        """
        frames, params, out = arguments
        blocks, (threads, *rest) = size
        assert rest == [1, 1]
        assert params.dtype == layout.PARAMS
        split = getattr(self.library, f"run_{name}")(
            ctypes.c_void_p(frames),
            params.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_void_p(out),
            (ctypes.c_int * 3)(*blocks),
            ctypes.c_int(threads),
            ctypes.c_int(backwards),
        )
        if split:
            raise SplitBlockError("threads of a block met at different barriers")

    def half(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float16]:
        """Convert as the kernel does on this machine."""
        out = np.empty(values.shape, np.float16)
        self.library.to_half(
            values.ctypes.data_as(ctypes.c_void_p),
            out.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_size_t(values.size),
        )
        return out


@cache
def cpu_kernel(source: Path = SOURCE) -> CpuKernel:
    """Compile the kernel, once a session, and load it."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "kernel.so"
        compile_kernel(target, source=source)
        return CpuKernel(ctypes.CDLL(str(target)))


def compile_kernel(target: Path, *flags: str, source: Path = SOURCE) -> None:
    """Compile the kernel with g++ into a shared object."""
    compiler = shutil.which("g++")
    assert compiler, "no g++: run scripts/system-packages.sh --tests"
    command = [compiler, *FLAGS, *flags, "-I", str(source.parent), "-o", str(target), str(HOST)]
    subprocess.run(command, check=True, timeout=100)


def planar(planes: Planes) -> FrameMemory:
    """Say where planes lie that this process holds, whatever their strides."""
    y, u, v = (
        PlaneMemory(plane.ctypes.data, *plane.strides) for plane in (planes.y, planes.u, planes.v)
    )
    return FrameMemory(planes.width, planes.height, planes.colorimetry, (y, u, v))


def run(
    frames: Sequence[FrameMemory],
    spec: Preprocess,
    dtype: npt.DTypeLike = np.float32,
    *,
    block: Extent = ONE_LANE,
    kernel: CpuKernel | None = None,
    backwards: bool = False,
) -> npt.NDArray[Any]:
    """Return the tensor of a batch; the caller holds the frames' memory."""
    height, width = spec.height, spec.width
    shape = (3, height, width) if spec.layout == "nchw" else (height, width, 3)
    out = np.full((len(frames), *shape), 77, dtype)
    described = layout.describe(frames, spec)
    (kernel or cpu_kernel()).launch(
        function_name(spec, out.dtype),
        (described.ctypes.data, layout.parameters(spec), out.ctypes.data),
        (grid(spec, len(frames))[0], block),
        backwards=backwards,
    )
    return out


def on_cpu(
    frames: Sequence[Planes], spec: Preprocess, dtype: npt.DTypeLike = np.float32
) -> npt.NDArray[Any]:
    """Return what the kernel makes of planes, as `preprocess` does."""
    return run([planar(planes) for planes in frames], spec, dtype)
