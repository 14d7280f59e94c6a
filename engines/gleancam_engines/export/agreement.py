"""Whether an export computes what the original does, and is fed what the original is fed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from gleancam_engines.base import Engine
from gleancam_engines.colour import to_rgb_matrix
from gleancam_engines.errors import ExportError
from gleancam_engines.export.clip import Tower
from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import Float32Array, Planes, UInt8Array
from gleancam_engines.preprocess import preprocess

TOLERANCE = 1e-5
"""Largest difference of any number of an embedding of norm 1 between torch and ONNX Runtime."""
BATCHES = (1, 2, 5)
LEVELS = 1.0
"""Largest mean difference of the input tensors, in levels of 8 bits. The reference rounds to whole
levels twice, which alone makes a quarter of one; a wrong filter, matrix or crop makes many.

How far that moves an embedding is a property of the model (TinyViT, trained: cosine .999), and
with random weights it means nothing. It is told, not held to a bar.
"""


@dataclass(frozen=True, slots=True)
class Preparation:
    """How near our preprocessing comes to open_clip's.

    Attributes:
        pictures: how many were compared.
        photographs: whether they were photographs, or made.
        mean_levels: mean absolute difference of the input tensors, in levels of 8 bits.
        worst_levels: that of the worst picture.
        mean_cosine: of the embeddings.
        least_cosine: of the embeddings.
    """

    pictures: int
    photographs: bool
    mean_levels: float
    worst_levels: float
    mean_cosine: float
    least_cosine: float

    def __str__(self) -> str:
        kind = "photographs" if self.photographs else "made pictures"
        return (
            f"input {self.mean_levels:.2f}/255 from open_clip's on {self.pictures} {kind}, "
            f"cosine {self.mean_cosine:.5f} on average, {self.least_cosine:.5f} at least"
        )


def compare_numerics(tower: Tower, engine: Engine) -> float:
    """Return the largest difference between torch and the engine over batches of several sizes.

    Raises:
        ExportError: it is above `TOLERANCE`.
    """
    worst = max(_difference(tower, engine, size) for size in BATCHES)
    if not worst <= TOLERANCE:
        raise ExportError(
            f"the exported {tower.side} tower differs from torch by {worst:.1e}, above "
            f"{TOLERANCE:.0e}: nothing is written; try other versions of torch and onnxscript"
        )
    return worst


def _difference(tower: Tower, engine: Engine, size: int) -> float:
    repeats = -(-size // len(tower.example))
    batch = np.concatenate([np.roll(tower.example, at, -1) for at in range(repeats)])[:size]
    have = engine.infer({tower.input_name: batch})[tower.output_name]
    return float(np.abs(tower.run(batch) - have).max())


def compare_preparation(
    engine: Engine,
    spec: Preprocess,
    transform: Callable[[Any], Float32Array],
    pictures: Sequence[Planes],
    *,
    photographs: bool,
) -> Preparation:
    """Feed the engine both ways.

    Raises:
        ExportError: the tensors are farther from the reference's than `LEVELS` on average.
    """
    levels, cosines = zip(
        *(_both_ways(engine, spec, transform, one) for one in pictures), strict=True
    )
    found = Preparation(
        pictures=len(pictures),
        photographs=photographs,
        mean_levels=float(np.mean(levels)),
        worst_levels=max(levels),
        mean_cosine=float(np.mean(cosines)),
        least_cosine=min(cosines),
    )
    if not found.mean_levels <= LEVELS:
        raise ExportError(
            f"the preprocessing of the manifest is too far from open_clip's: {found}; allowed are "
            f"{LEVELS}/255. Nothing is written; report it with the model's name"
        )
    return found


def _both_ways(
    engine: Engine, spec: Preprocess, transform: Callable[[Any], Float32Array], picture: Planes
) -> tuple[float, float]:
    """Return the difference in levels and the cosine of one picture."""
    ours = preprocess([picture], spec)
    theirs = transform(Image.fromarray(_rgb(picture)))[np.newaxis]
    scale = np.array(spec.std, np.float32).reshape(3, 1, 1) * spec.divisor
    levels = float((np.abs(ours - theirs) * scale).mean())
    return levels, float((_embed(engine, ours) * _embed(engine, theirs)).sum())


def _embed(engine: Engine, tensor: npt.NDArray[Any]) -> Float32Array:
    return engine.infer({engine.inputs[0].name: tensor})[engine.outputs[0].name]


def _rgb(picture: Planes) -> UInt8Array:
    """Return `(H, W, 3)`, each chroma sample standing for its four pixels.

    Decoders enlarge chroma each in its own way, and those differ by more than what is measured.
    """
    matrix, offset = to_rgb_matrix(picture.colorimetry)
    planes = np.stack([picture.y, *(_enlarged(one, picture) for one in (picture.u, picture.v))], 2)
    levels: Float32Array = np.rint(planes @ matrix.T + offset)
    return np.clip(levels, 0, 255).astype(np.uint8)


def _enlarged(chroma: UInt8Array, picture: Planes) -> UInt8Array:
    return chroma.repeat(2, 0).repeat(2, 1)[: picture.height, : picture.width]
