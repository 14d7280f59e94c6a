"""Which function of `preprocess.cu` to launch, and over which grid."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from gleancam_engines.errors import TensorError
from gleancam_engines.manifest import Preprocess

Extent: TypeAlias = tuple[int, int, int]

BLOCK: Extent = (256, 1, 1)
"""Threads of a block: `THREADS` of the source."""

TILE = (32, 16)
"""Columns and rows of the tensor that a block makes: `COLUMNS` and `ROWS` of the source."""

MAX_FRAMES = 65535
"""The most blocks CUDA takes along z, for every compute capability."""

_FUNCTIONS = {
    ("float32", "float32"): "preprocess_f32",
    ("float32", "float16"): "preprocess_f16",
    ("uint8", "uint8"): "preprocess_u8",
}


def function_name(spec: Preprocess, dtype: np.dtype[Any]) -> str:
    """Return the function that writes tensors of `dtype`.

    Its arguments are the address of the `FRAME`s, one `PARAMS` by value, and the address of the
    tensor, `(N, 3, H, W)` or `(N, H, W, 3)` as `spec.layout` says, contiguous.

    Raises:
        TensorError: no function writes this type.
    """
    try:
        return _FUNCTIONS[spec.dtype, dtype.name]
    except KeyError:
        raise TensorError(
            f"preprocessing on the GPU has no {dtype.name} input where the manifest's preprocess "
            f"has dtype {spec.dtype!r}; it makes float32 and float16 of 'float32', uint8 of 'uint8'"
        ) from None


def grid(spec: Preprocess, frames: int) -> tuple[Extent, Extent]:
    """Return grid and block of one launch for this many frames.

    Raises:
        ValueError: there is no frame, or more than one launch takes.
    """
    if not 0 < frames <= MAX_FRAMES:
        raise ValueError(f"a launch takes 1 to {MAX_FRAMES} frames, but got {frames}")
    columns, rows = TILE
    return (-(-spec.width // columns), -(-spec.height // rows), frames), BLOCK
