"""The parameters of `preprocess.cu` as bytes: structures of the same layout, and what fills them.

The source holds the same sizes and offsets by `static_assert`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gleancam_engines.colour import to_rgb_matrix
from gleancam_engines.kernels.memory import FrameMemory
from gleancam_engines.manifest import Preprocess
from gleancam_engines.placement import place

Structures: TypeAlias = npt.NDArray[np.void]

PLANE = np.dtype(
    {
        "names": ["data", "stride", "step", "width", "height"],
        "formats": ["<u8", "<i4", "<i4", "<i4", "<i4"],
        "offsets": [0, 8, 12, 16, 20],
        "itemsize": 24,
    }
)
"""A plane in the device's memory; `stride` and `step` are bytes between rows and samples."""

FRAME = np.dtype(
    {
        "names": ["planes", "start", "scale", "origin", "size", "matrix", "offset"],
        "formats": [
            (PLANE, 3),
            ("<f8", 2),
            ("<f8", 2),
            ("<i4", 2),
            ("<i4", 2),
            ("<f4", (3, 3)),
            ("<f4", 3),
        ],
        "offsets": [0, 72, 88, 104, 112, 120, 156],
        "itemsize": 168,
    }
)
"""A frame of the batch: its planes, where it goes in the tensor, and its colours."""

PARAMS = np.dtype(
    {
        "names": [
            "width",
            "height",
            "pixel_stride",
            "channel_stride",
            "support",
            "inner",
            "outer",
            "gain",
            "shift",
            "pad",
        ],
        "formats": [
            "<i4",
            "<i4",
            "<i4",
            "<i4",
            "<f4",
            ("<f4", 4),
            ("<f4", 4),
            ("<f4", 3),
            ("<f4", 3),
            "<f4",
        ],
        "offsets": [0, 4, 8, 12, 16, 20, 36, 52, 64, 76],
        "itemsize": 80,
    }
)
"""What all frames of a launch share."""

_FILTERS = {
    "bicubic": (2.0, (1.0, 0.0, -2.5, 1.5), (2.0, -4.0, 2.5, -0.5)),
    "bilinear": (1.0, (1.0, -1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0)),
}
"""Support, and the polynomials of |x| below 1 and from 1 to 2, constant first."""


def describe(frames: Sequence[FrameMemory], spec: Preprocess) -> Structures:
    """Return `(N,)` `FRAME`, to be copied to the device: the kernel's first argument."""
    out = np.zeros(len(frames), FRAME)
    for row, frame in zip(out, frames, strict=True):
        _describe(row, frame, spec)
    return out


def parameters(spec: Preprocess) -> Structures:
    """Return one `PARAMS`, shape `()`: the kernel's second argument, passed by value."""
    out = np.zeros((), PARAMS)
    nchw = spec.layout == "nchw"
    out["width"], out["height"] = spec.width, spec.height
    out["pixel_stride"] = 1 if nchw else 3
    out["channel_stride"] = spec.width * spec.height if nchw else 1
    out["support"], out["inner"], out["outer"] = _FILTERS[spec.resample]
    std = np.array(spec.std, np.float64)
    out["gain"] = 1 / (spec.divisor * std)
    out["shift"] = np.array(spec.mean, np.float64) / std
    out["pad"] = spec.pad
    return out


def _describe(row: Any, frame: FrameMemory, spec: Preprocess) -> None:
    """Fill one `FRAME`."""
    placement = place(frame.width, frame.height, spec)
    matrix, offset = to_rgb_matrix(frame.colorimetry)
    order = slice(None) if spec.colour == "rgb" else slice(None, None, -1)
    half = ((frame.width + 1) // 2, (frame.height + 1) // 2)
    row["planes"]["data"] = [plane.address for plane in frame.planes]
    row["planes"]["stride"] = [plane.stride_bytes for plane in frame.planes]
    row["planes"]["step"] = [plane.step_bytes for plane in frame.planes]
    row["planes"]["width"] = [frame.width, half[0], half[0]]
    row["planes"]["height"] = [frame.height, half[1], half[1]]
    row["start"] = placement.box[:2]
    row["scale"] = 1 / np.array(placement.scale)
    row["origin"], row["size"] = placement.origin, placement.size
    row["matrix"], row["offset"] = matrix[order], offset[order]
