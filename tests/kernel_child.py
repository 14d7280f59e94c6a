"""Run in a process of its own, under a sanitiser: the kernel at the edges of its memory.

`python kernel_child.py PREPROCESS_SO` exits 0 when nothing was read or written outside an array
and no arithmetic was undefined. With `--beyond` one plane is declared a row taller than it is.
"""

from __future__ import annotations

import ctypes
import dataclasses
import sys
from typing import Literal

import numpy as np

from gleancam_engines.kernels.memory import FrameMemory
from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import Planes
from kernel_on_cpu import CpuKernel, planar, run
from made_planes import HD, noise

SIZES = [(1, 1), (2, 2), (3, 5), (1, 40), (40, 1), (64, 64), (97, 131), (359, 641)]
MODES: tuple[Literal["squash", "crop", "letterbox"], ...] = ("squash", "crop", "letterbox")
SIDES = [(1, 1), (7, 3), (33, 50), (64, 32), (130, 90)]


def in_own_memory(planes: Planes) -> Planes:
    """Return a copy whose arrays end where their memory ends."""
    return Planes(planes.y.copy(), planes.u.copy(), planes.v.copy(), HD)


def main(path: str, *, beyond: bool) -> None:
    kernel = CpuKernel(ctypes.CDLL(path))
    for size in SIZES:
        planes = in_own_memory(noise(*size))
        memory = planar(planes)
        for height, width in SIDES:
            for mode in MODES:
                run_all(kernel, taller(memory) if beyond else memory, (height, width, mode))


def taller(memory: FrameMemory) -> FrameMemory:
    return dataclasses.replace(memory, height=memory.height + 1)


def run_all(
    kernel: CpuKernel,
    memory: FrameMemory,
    shape: tuple[int, int, Literal["squash", "crop", "letterbox"]],
) -> None:
    spec = Preprocess(*shape, divisor=1.0)
    run([memory], spec, np.float32, kernel=kernel)
    run([memory, memory], spec, np.float16, kernel=kernel)
    whole = Preprocess(*shape, divisor=1.0, dtype="uint8", layout="nhwc")
    run([memory], whole, np.uint8, kernel=kernel)


if __name__ == "__main__":
    main(sys.argv[1], beyond="--beyond" in sys.argv)
