"""What preprocessing means, written with Pillow's exact filters and nothing of the kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from gleancam_engines.colour import rgb, to_rgb_matrix
from gleancam_engines.manifest import Preprocess
from gleancam_engines.placement import place
from gleancam_engines.planes import Planes

Array = npt.NDArray[np.float32]
_FILTERS = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}


def by_definition(planes: Planes, spec: Preprocess) -> Array:
    """Resize each plane, convert, clip, normalise: `(3, H, W)`, nothing rounded."""
    half = tuple(side / 2 for side in place(planes.width, planes.height, spec).box)
    small = np.stack(
        [_resize(planes.y, planes, spec)]
        + [_resize(plane, planes, spec, box=half) for plane in (planes.u, planes.v)]
    )
    matrix, offset = to_rgb_matrix(planes.colorimetry)
    converted = np.einsum("ij,jhw->ihw", matrix.astype(np.float64), small) + offset[:, None, None]
    return _finish(np.clip(converted, 0, 255), planes, spec)


def through_rgb(planes: Planes, spec: Preprocess) -> Array:
    """Convert at full size, resize, normalise: 8 bits in between, as users of Pillow have it."""
    return of_rgb(rgb(planes), planes, spec)


def of_rgb(picture: npt.NDArray[np.uint8], planes: Planes, spec: Preprocess) -> Array:
    """Resize and normalise `(H, W, 3)` RGB, whoever converted it from these planes."""
    return _finish(np.moveaxis(_resize(picture, planes, spec), 2, 0), planes, spec)


def through_unrounded_rgb(planes: Planes, spec: Preprocess) -> Array:
    """The same in floating point throughout: neither chroma nor RGB is rounded."""
    shape = (planes.width, planes.height)
    box = (0, 0, planes.width / 2, planes.height / 2)
    large = [planes.y.astype(np.float64)]
    for plane in (planes.u, planes.v):
        chroma = Image.fromarray(plane).convert("F")
        large.append(np.asarray(chroma.resize(shape, Image.Resampling.BILINEAR, box), np.float64))
    matrix, offset = to_rgb_matrix(planes.colorimetry)
    converted = np.einsum("ij,jhw->ihw", matrix.astype(np.float64), np.stack(large))
    colours = np.clip(converted + offset[:, None, None], 0, 255).astype(np.float32)
    small = np.stack([_resize(channel, planes, spec) for channel in colours])
    return _finish(np.clip(small, 0, 255), planes, spec)


def _resize(
    samples: npt.NDArray[Any],
    planes: Planes,
    spec: Preprocess,
    box: tuple[float, ...] | None = None,
) -> npt.NDArray[Any]:
    """Resize a plane in floating point, or an RGB picture in 8 bits as Pillow does."""
    placement = place(planes.width, planes.height, spec)
    x1, y1, x2, y2 = box or placement.box
    picture = Image.fromarray(samples)
    floating = picture if samples.ndim == 3 else picture.convert("F")
    return np.asarray(floating.resize(placement.size, _FILTERS[spec.resample], (x1, y1, x2, y2)))


def _finish(channels: npt.NDArray[Any], planes: Planes, spec: Preprocess) -> Array:
    """Put RGB of the resized picture into the padded tensor, and normalise it."""
    placement = place(planes.width, planes.height, spec)
    (width, height), (x, y) = placement.size, placement.origin
    pixels = np.full((3, spec.height, spec.width), spec.pad, np.float64)
    pixels[:, y : y + height, x : x + width] = channels
    ordered = pixels if spec.colour == "rgb" else pixels[::-1]
    mean, std = (np.array(numbers).reshape(3, 1, 1) for numbers in (spec.mean, spec.std))
    tensor: Array = ((ordered / spec.divisor - mean) / std).astype(np.float32)
    return tensor
