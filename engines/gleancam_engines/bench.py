"""How fast a model is here: frames in, tensors out, and the model alone, beside the ceiling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gleancam_engines.base import Provenance, TensorSpec
from gleancam_engines.ceiling import ON_CPU, ON_GPU, ceiling_flops
from gleancam_engines.errors import TensorError
from gleancam_engines.flops import flops
from gleancam_engines.loading import open_pictures
from gleancam_engines.manifest import load
from gleancam_engines.opening import Opening
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Colorimetry, Matrix, Planes, Range
from gleancam_engines.timing import call_seconds
from gleancam_engines.weights import read_checked

FRAME = (720, 1280)
"""Rows and columns of the frames; what is in them changes nothing."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One line of the table.

    Attributes:
        provenance: what ran.
        batch: frames a call.
        images_per_s: of frames in planes, preprocessing included.
        p50_ms: of one call, preprocessing included.
        p95_ms: likewise.
        model_ms: median of one call of the model alone.
        gflops: of the model alone: 10⁹ floating-point operations a second.
        ceiling_gflops: what matrix products reach with the same backend, precision and threads;
            None for int8, of which no honest product can be made.
    """

    provenance: Provenance
    batch: int
    images_per_s: float
    p50_ms: float
    p95_ms: float
    model_ms: float
    gflops: float
    ceiling_gflops: float | None


def bench(
    directory: Path, opening: Opening, *, seconds: float, tell: Callable[[str], None]
) -> Iterator[Measurement]:
    """Measure every batch of `opening` that the model takes, each for about `seconds`.

    Raises:
        EngineError: the model cannot be run so.
    """
    manifest = load(directory)
    arithmetic = flops(read_checked(directory, manifest))
    pictures = open_pictures(directory, manifest, replace(opening, unverified=True))
    try:
        tell(f"{pictures.engine.backend}: the ceiling")
        ceiling = _ceiling(opening, pictures.engine.provenance)
        for batch in _fitting(pictures, opening.batches):
            tell(f"{pictures.engine.backend}: batch {batch}")
            yield _measure(pictures, batch, seconds, arithmetic, ceiling)
    finally:
        pictures.close()


def _fitting(pictures: Pictures, batches: tuple[int, ...]) -> tuple[int, ...]:
    """Return those sizes that the model takes: all of them, or the one it is fixed at."""
    fixed = pictures.engine.inputs[0].shape[0]
    if fixed == -1:
        return batches
    if fixed not in batches:
        raise TensorError(
            f"{pictures.engine.model_id} takes batches of {fixed} only; measure with "
            f"--batch {fixed}"
        )
    return (fixed,)


def _ceiling(opening: Opening, provenance: Provenance) -> float | None:
    if provenance.precision == "int8":
        return None
    return ceiling_flops(opening, ON_CPU if provenance.device == "cpu" else ON_GPU) / 1e9


def _measure(
    pictures: Pictures, batch: int, seconds: float, arithmetic: int, ceiling: float | None
) -> Measurement:
    engine, frames = pictures.engine, [_frame(seed) for seed in range(batch)]
    picture, *others = (_blank(spec, batch) for spec in engine.inputs)
    more = dict(others)
    whole_s = call_seconds(lambda: pictures.infer(frames, more), seconds)
    alone_s = call_seconds(lambda: engine.infer(dict([picture], **more)), seconds)
    return Measurement(
        provenance=engine.provenance,
        batch=batch,
        images_per_s=batch / float(np.mean(whole_s)),
        p50_ms=1e3 * float(np.median(whole_s)),
        p95_ms=1e3 * float(np.percentile(whole_s, 95)),
        model_ms=1e3 * float(np.median(alone_s)),
        gflops=arithmetic * batch / float(np.median(alone_s)) / 1e9,
        ceiling_gflops=ceiling,
    )


def _blank(spec: TensorSpec, batch: int) -> tuple[str, npt.NDArray[Any]]:
    """Return an input of ones, with its name: zeros would be a picture of no size to some."""
    sides = (batch, *(max(side, 1) for side in spec.shape[1:]))
    return spec.name, np.ones(sides, spec.dtype)


def _frame(seed: int) -> Planes:
    rng = np.random.default_rng(seed)
    height, width = FRAME
    y = rng.integers(16, 236, (height, width), np.uint8)
    u, v = rng.integers(16, 241, (2, height // 2, width // 2), np.uint8)
    return Planes(y, u, v, Colorimetry(Matrix.BT709, Range.LIMITED))
