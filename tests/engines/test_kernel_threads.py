"""Blocks of many threads: barriers stand where they must, whoever runs first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gleancam_engines.kernels.build import SOURCE
from gleancam_engines.kernels.launch import BLOCK
from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import JPEG_COLORIMETRY
from kernel_on_cpu import CpuKernel, SplitBlockError, cpu_kernel, on_cpu, planar, run
from made_planes import HD, noise

SPEC = Preprocess(50, 60, "letterbox", divisor=1.0, anchor="centre")
FRAMES = [noise(300, 211, HD), noise(31, 47, JPEG_COLORIMETRY, 1)]
BARRIER = "__syncthreads();"
SOURCE_TEXT = SOURCE.read_text(encoding="utf-8")


@pytest.mark.parametrize("threads", [2, 96, BLOCK[0], 512])
@pytest.mark.parametrize("backwards", [False, True])
def test_any_number_of_threads_in_any_order(threads: int, *, backwards: bool) -> None:
    memory = [planar(planes) for planes in FRAMES]
    tensor = run(memory, SPEC, block=(threads, 1, 1), backwards=backwards)
    np.testing.assert_array_equal(tensor, on_cpu(FRAMES, SPEC))


@pytest.mark.parametrize("which", range(3))
def test_every_barrier_is_needed_and_missed(which: int, tmp_path: Path) -> None:
    """Holds the test above: it must fail when any one barrier is taken out."""
    parts = SOURCE_TEXT.split(BARRIER)
    assert len(parts) == 4
    joins = [BARRIER] * 3 + [""]
    joins[which] = ""
    broken = tmp_path / SOURCE.name
    broken.write_text("".join(a + b for a, b in zip(parts, joins, strict=True)), encoding="utf-8")
    kernel = cpu_kernel(source=broken)
    assert any(goes_wrong(kernel, backwards=backwards) for backwards in (False, True))


def goes_wrong(kernel: CpuKernel, *, backwards: bool) -> bool:
    memory = [planar(planes) for planes in FRAMES]
    try:
        tensor = run(memory, SPEC, block=BLOCK, kernel=kernel, backwards=backwards)
    except SplitBlockError:
        return True
    return bool((tensor != on_cpu(FRAMES, SPEC)).any())
