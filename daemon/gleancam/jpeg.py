"""JPEG from planes, and smaller JPEGs where a limit asks for them. The only `import simplejpeg`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import simplejpeg
from PIL import Image

from gleancam.wire.image import EncodedImage
from gleancam_engines.colour import to_jpeg_colorimetry
from gleancam_engines.planes import Planes, UInt8Array

QUALITIES = (85, 77, 68, 60)
"""libjpeg qualities that are tried first: below 60, edges of small objects ring visibly."""
LONGEST_SIDES = (1920, 1280)
"""Then sizes, in pixels: most detectors look at no more than 1280."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder; `longest_side` None keeps the size."""

    quality: int
    longest_side: int | None


def encode(planes: Planes, quality: int, longest_side: int | None = None) -> EncodedImage:
    """Encode without a detour over RGB; the planes are turned into JFIF's BT.601 full range.

    `quality` is libjpeg's, 1…100; `longest_side` pixels, to which a larger picture is shrunk.
    """
    planes = shrunk(planes, longest_side or 0)
    jfif = to_jpeg_colorimetry(planes)
    y, u, v = (np.ascontiguousarray(plane) for plane in (jfif.y, jfif.u, jfif.v))
    jpeg = simplejpeg.encode_jpeg_yuv_planes(y, u, v, quality)
    return EncodedImage(bytes(jpeg), planes.width, planes.height, quality)


def shrunk(planes: Planes, longest_side: int) -> Planes:
    """Return the planes, made smaller if they are larger than that; 0: as they are."""
    if not longest_side or max(planes.width, planes.height) <= longest_side:
        return planes
    return _shrink(planes, longest_side)


def fit(planes: Planes, limit_bytes: int, quality: int) -> EncodedImage | None:
    """Return the best JPEG of at most `limit_bytes`; None when the smallest one is too large.

    Quality goes from `quality` down to 60, then the longest side to 1280; both are recorded.
    """
    steps = [Step(quality, None), *_rungs(quality, max(planes.width, planes.height))]
    return _first(steps, lambda step: encode(planes, step.quality, step.longest_side), limit_bytes)


def smallest(planes: Planes, quality: int) -> EncodedImage:
    """Return the JPEG of the ladder's last step: what `fit` tried last."""
    last = [Step(quality, None), *_rungs(quality, max(planes.width, planes.height))][-1]
    return encode(planes, last.quality, last.longest_side)


def best(planes: Planes, limit_bytes: int, quality: int, longest_side: int = 0) -> EncodedImage:
    """Return what is to be kept: `fit` of the shrunk planes, or the smallest there is.

    `longest_side` is in pixels; 0: as the planes are.
    """
    planes = shrunk(planes, longest_side)
    return fit(planes, limit_bytes, quality) or smallest(planes, quality)


def refit(image: EncodedImage, limit_bytes: int) -> EncodedImage | None:
    """Return `image`, encoded again, with at most `limit_bytes`; None when it cannot be.

    Raises:
        ValueError: the JPEG is damaged.
    """
    rgb = simplejpeg.decode_jpeg(image.jpeg, "RGB")
    steps = _rungs(image.quality, max(image.width, image.height))
    return _first(steps, lambda step: _encode_rgb(rgb, step), limit_bytes)


def _rungs(quality: int, side: int) -> Iterator[Step]:
    """Yield what is below a picture of this quality and size."""
    yield from (Step(lower, None) for lower in QUALITIES if lower < quality)
    lowest = min(quality, QUALITIES[-1])
    yield from (Step(lowest, shorter) for shorter in LONGEST_SIDES if shorter < side)


def _first(
    steps: Iterator[Step] | list[Step], render: Callable[[Step], EncodedImage], limit_bytes: int
) -> EncodedImage | None:
    images = (render(step) for step in steps)
    return next((image for image in images if len(image.jpeg) <= limit_bytes), None)


def _scaled(width: int, height: int, longest_side: int) -> tuple[int, int]:
    scale = longest_side / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _shrink(planes: Planes, longest_side: int) -> Planes:
    width, height = _scaled(planes.width, planes.height, longest_side)
    chroma = ((width + 1) // 2, (height + 1) // 2)
    return Planes(
        _resize(planes.y, (width, height)),
        _resize(planes.u, chroma),
        _resize(planes.v, chroma),
        planes.colorimetry,
    )


def _resize(plane: UInt8Array, size: tuple[int, int]) -> UInt8Array:
    small = Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(small, dtype=np.uint8)


def _encode_rgb(rgb: UInt8Array, step: Step) -> EncodedImage:
    height, width = rgb.shape[:2]
    if step.longest_side is not None and max(width, height) > step.longest_side:
        width, height = _scaled(width, height, step.longest_side)
        rgb = _resize(rgb, (width, height))
    jpeg = simplejpeg.encode_jpeg(
        np.ascontiguousarray(rgb), step.quality, "RGB", colorsubsampling="420"
    )
    return EncodedImage(bytes(jpeg), width, height, step.quality)
