"""Where the planes of a frame lie in the memory that a kernel reads."""

from __future__ import annotations

from dataclasses import dataclass

from gleancam_engines.planes import Colorimetry, Planes


@dataclass(frozen=True, slots=True)
class PlaneMemory:
    """One plane.

    Attributes:
        address: of its first sample.
        stride_bytes: from a row to the next.
        step_bytes: from a sample to the next.
    """

    address: int
    stride_bytes: int
    step_bytes: int = 1


@dataclass(frozen=True, slots=True)
class FrameMemory:
    """One frame, 4:2:0.

    Attributes:
        width: of the luma plane, in samples.
        height: of the luma plane, in samples.
        colorimetry: matrix and range of the numbers.
        planes: Y, Cb and Cr.
    """

    width: int
    height: int
    colorimetry: Colorimetry
    planes: tuple[PlaneMemory, PlaneMemory, PlaneMemory]


def i420_bytes(width: int, height: int) -> int:
    """Return how long Y, Cb and Cr are, one after the other without padding."""
    return width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)


def i420(planes: Planes, address: int) -> FrameMemory:
    """Describe planes that were copied to `address`: all of Y, then Cb, then Cr, no padding."""
    width, height = planes.width, planes.height
    half, luma_bytes = (width + 1) // 2, width * height
    chroma_bytes = half * ((height + 1) // 2)
    cb = address + luma_bytes
    return FrameMemory(
        width,
        height,
        planes.colorimetry,
        (PlaneMemory(address, width), PlaneMemory(cb, half), PlaneMemory(cb + chroma_bytes, half)),
    )


def nv12(
    size: tuple[int, int], colorimetry: Colorimetry, luma: PlaneMemory, chroma: PlaneMemory
) -> FrameMemory:
    """Describe a frame of `size` (width, height) whose Cb and Cr take turns in one plane."""
    cb = PlaneMemory(chroma.address, chroma.stride_bytes, 2)
    cr = PlaneMemory(chroma.address + 1, chroma.stride_bytes, 2)
    return FrameMemory(*size, colorimetry, (luma, cb, cr))
