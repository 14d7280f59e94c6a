"""How long the kernel takes: `python -m gpu.speed`. Milliseconds a frame, medians."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from itertools import product
from statistics import median

from gleancam_engines.cuda.context import PrimaryContext, primary_context
from gleancam_engines.cuda.driver import probe
from gleancam_engines.kernels.build import build_cubin
from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import Planes
from gpu.kernel import on_gpu
from made_planes import noise

SPEC = Preprocess(224, 224, "squash", mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
SIZES = {"720p": (720, 1280), "1080p": (1080, 1920), "4K": (2160, 3840)}
BATCHES = (1, 8)
RUNS, LAUNCHES = 20, 10


def main() -> int:
    cubin = build_cubin(probe().compute_capability)
    rows = []
    for (name, size), count in product(SIZES.items(), BATCHES):
        kernel_ms, whole_ms = figures(primary_context(), cubin, [noise(*size)] * count)
        figure = f"{kernel_ms:.3f} ms a frame, {whole_ms:.3f} with its copy"
        rows.append((f"{name} to 224, fp16, batch {count}", figure))
    sys.stdout.write(json.dumps(rows) + "\n")
    return 0


def figures(context: PrimaryContext, cubin: bytes, frames: Sequence[Planes]) -> tuple[float, float]:
    """Return the kernel's time and that of the copy and the kernel, a frame, in milliseconds."""
    with on_gpu(context, cubin, SPEC, "float16", most=len(frames)) as gpu:
        described = gpu.upload(frames)

        def alone() -> None:
            for _ in range(LAUNCHES):  # so that the wait is lost among them
                gpu.launch(described, len(frames))
            gpu.wait()

        def whole() -> None:
            gpu.launch(gpu.upload(frames), len(frames))
            gpu.wait()

        per_frame_ms = 1e3 / len(frames)
        return median_s(alone) * per_frame_ms / LAUNCHES, median_s(whole) * per_frame_ms


def median_s(call: Callable[[], None]) -> float:
    call()
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return median(taken)


if __name__ == "__main__":
    sys.exit(main())
