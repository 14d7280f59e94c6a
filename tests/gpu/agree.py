"""The kernel on the GPU against preprocessing on the CPU: `python -m gpu.agree`.

Made pictures, 64 x 64 to 4K, in one batch, through each way of putting them into an input.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence

import numpy as np

from gleancam_engines.cuda.context import PrimaryContext, primary_context
from gleancam_engines.cuda.driver import probe
from gleancam_engines.kernels.build import build_cubin
from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import Planes
from gleancam_engines.preprocess import preprocess
from gpu.kernel import on_gpu
from made_planes import COLORIMETRIES, from_rgb, noise, scenery

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SPECS = (
    Preprocess(224, 224, "squash", mean=MEAN, std=STD),
    Preprocess(256, 320, "crop", resample="bilinear", mean=MEAN, std=STD),
    Preprocess(416, 416, "letterbox", colour="bgr", divisor=1.0, anchor="centre"),
    Preprocess(448, 448, "squash", divisor=1.0, layout="nhwc", dtype="uint8"),
)
SIZES = ((64, 64), (359, 641), (1280, 720), (1080, 1920), (2160, 3840))
ALLOWED = {"float32": (0.01, 0.05), "float16": (0.05, 0.2), "uint8": (0.02, 1.0)}
"""Mean and most, of 255: what the type's own rounding may do, and a little for float32 sums."""


def main() -> int:
    cubin = build_cubin(probe().compute_capability)
    rows, apart = [], ""
    for name, mean, most in disagreements(primary_context(), cubin, pictures(SIZES)):
        rows.append((name, f"mean {mean:.4f}, most {most:.3f} of 255 from the CPU"))
        limits = ALLOWED[name.rpartition(" ")[2]]
        if mean > limits[0] or most > limits[1]:
            apart = apart or ": ".join(rows[-1])
    if apart:
        sys.stderr.write(f"{apart}\n")
        return 1
    sys.stdout.write(json.dumps(rows) + "\n")
    return 0


def pictures(sizes: Sequence[tuple[int, int]]) -> list[Planes]:
    """Return scenery and noise of each size, (height, width), in turning colorimetries."""
    drawn = [
        from_rgb(scenery(*size, seed=at), COLORIMETRIES[at % 4]) for at, size in enumerate(sizes)
    ]
    return [*drawn, *(noise(*size, COLORIMETRIES[-1 - at % 4]) for at, size in enumerate(sizes))]


def disagreements(
    context: PrimaryContext, cubin: bytes, frames: Sequence[Planes]
) -> Iterator[tuple[str, float, float]]:
    """Yield the way, and the mean and the most that GPU and CPU are apart, in 1/255 of white."""
    for spec in SPECS:
        wanted = preprocess(frames, spec).astype(np.float32)
        for dtype in ("uint8",) if spec.dtype == "uint8" else ("float32", "float16"):
            with on_gpu(context, cubin, spec, dtype, most=len(frames)) as gpu:
                made = gpu.tensor(frames).astype(np.float32)
            apart = np.abs(made - wanted) * (spec.divisor * max(spec.std))
            yield f"{spec.mode} {dtype}", float(apart.mean()), float(apart.max())


if __name__ == "__main__":
    sys.exit(main())
