"""Planes to a model's input: resize the planes, convert the small picture, normalise.

Resizing before converting costs a fraction of the usual order (RGB at full size, then resize) and
agrees with it, since both are linear but for clipping. Resampling is antialiased (Pillow's, whose
support grows with the reduction) and in floating point: rounding each plane to 8 bits would be
amplified by the conversion. Chroma goes straight to the model's size: interpolating it to the
luma's size first blurs it, and came out farther from the original colours (tests/engines).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from gleancam_engines.colour import to_rgb_matrix
from gleancam_engines.manifest import Preprocess
from gleancam_engines.placement import Placement, place
from gleancam_engines.planes import Float32Array, Planes, UInt8Array

_FILTERS = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
}

_GAP = 3.0
"""Pictures that are many times as large are first averaged over whole samples to this multiple.

At 1080p embeddings then lie at cosine .9999 from those of the exact filter, which the GPU computes;
with 2, in two thirds of the time, at .994.
"""


def preprocess(frames: Sequence[Planes], spec: Preprocess) -> npt.NDArray[Any]:
    """Return the input tensor of a batch of frames, whose sizes may differ.

    Returns:
        `(N, 3, H, W)` or `(N, H, W, 3)` as `spec.layout` says, of `spec.dtype`, contiguous.
    """
    out = np.empty((len(frames), 3, spec.height, spec.width), np.float32)
    out[:] = _normalise(np.full((3, 1, 1), spec.pad, np.float32), spec)
    for tensor, planes in zip(out, frames, strict=True):
        _fill(tensor, planes, spec)
    ordered = out if spec.layout == "nchw" else out.transpose(0, 2, 3, 1)
    whole = np.rint(ordered) if spec.dtype == "uint8" else ordered
    return np.ascontiguousarray(whole, dtype=spec.dtype)


def _fill(tensor: Float32Array, planes: Planes, spec: Preprocess) -> None:
    """Write one picture into its `(3, H, W)` part of the batch."""
    placement = place(planes.width, planes.height, spec)
    small = _resize(planes, placement, spec)
    (width, height), (x, y) = placement.size, placement.origin
    tensor[:, y : y + height, x : x + width] = _normalise(_convert(small, planes, spec), spec)


def _resize(planes: Planes, placement: Placement, spec: Preprocess) -> Float32Array:
    """Return Y, Cb and Cr as `(3, h, w)` float32, still in the numbers of the planes.

    Chroma boxes are half of the luma's: where a side is odd, half a chroma sample is unused.
    """
    half = tuple(side / 2 for side in placement.box)
    boxes = ((planes.y, placement.box), (planes.u, half), (planes.v, half))
    width, height = placement.size
    out = np.empty((3, height, width), np.float32)
    for target, (plane, box) in zip(out, boxes, strict=True):
        target[:] = _resize_plane(plane, placement.size, box, spec)
    return out


def _resize_plane(
    plane: UInt8Array, size: tuple[int, int], box: tuple[float, ...], spec: Preprocess
) -> Float32Array:
    x1, y1, x2, y2 = box
    picture = Image.fromarray(plane).convert("F")
    small = picture.resize(size, _FILTERS[spec.resample], (x1, y1, x2, y2), reducing_gap=_GAP)
    return np.asarray(small)


def _convert(small: Float32Array, planes: Planes, spec: Preprocess) -> Float32Array:
    """Return the channels as `(3, h, w)` float32 in 0…255, in the model's order."""
    matrix, offset = to_rgb_matrix(planes.colorimetry)
    order = slice(None) if spec.colour == "rgb" else slice(None, None, -1)
    flat = matrix[order] @ small.reshape(3, -1)
    flat += offset[order, np.newaxis]
    return np.clip(flat, 0, 255, out=flat).reshape(small.shape)


def _normalise(pixels: Float32Array, spec: Preprocess) -> Float32Array:
    """Return `(pixels / divisor - mean) / std` in place of `pixels`, `(3, h, w)`."""
    std = np.array(spec.std, np.float64).reshape(3, 1, 1)
    mean = np.array(spec.mean, np.float64).reshape(3, 1, 1)
    pixels *= (1 / (spec.divisor * std)).astype(np.float32)
    pixels -= (mean / std).astype(np.float32)
    return pixels
