"""A picture as the decoder gave it: three planes, 4:2:0, with their colorimetry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

UInt8Array: TypeAlias = npt.NDArray[np.uint8]
Float32Array: TypeAlias = npt.NDArray[np.float32]


class Matrix(Enum):
    """Luma coefficients (Kr, Kb) of the YCbCr matrix."""

    BT601 = (0.299, 0.114)
    BT709 = (0.2126, 0.0722)


class Range(Enum):
    """Luma and chroma excursion: 16…235 and 16…240, or all of 0…255."""

    LIMITED = "limited"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Colorimetry:
    """How the numbers in the planes become colours."""

    matrix: Matrix
    range: Range


JPEG_COLORIMETRY = Colorimetry(Matrix.BT601, Range.FULL)
"""What a JFIF file means by YCbCr (ITU-T T.871, section 7)."""


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """One picture in planar YCbCr 4:2:0, without stride padding.

    Attributes:
        y: luma, `(H, W)` uint8.
        u: Cb, `((H + 1) // 2, (W + 1) // 2)` uint8.
        v: Cr, the shape of `u`, uint8.
        colorimetry: matrix and range of the numbers.

    Raises:
        ValueError: a plane has another dtype or shape.
    """

    y: UInt8Array
    u: UInt8Array
    v: UInt8Array
    colorimetry: Colorimetry

    def __post_init__(self) -> None:
        if self.y.ndim != 2 or 0 in self.y.shape:
            raise ValueError(f"y must be (H, W) with both above 0, but got {self.y.shape}")
        chroma = ((self.height + 1) // 2, (self.width + 1) // 2)
        for name, plane, shape in (
            ("y", self.y, self.y.shape),
            ("u", self.u, chroma),
            ("v", self.v, chroma),
        ):
            if plane.dtype != np.uint8 or plane.shape != shape:
                raise ValueError(
                    f"{name} must be {shape} uint8, but got {plane.shape} {plane.dtype}"
                )

    @property
    def height(self) -> int:
        """Rows of the luma plane."""
        return int(self.y.shape[0])

    @property
    def width(self) -> int:
        """Columns of the luma plane."""
        return int(self.y.shape[1])

    def read_only(self) -> Planes:
        """Return the same planes with writing switched off: a frame is shared between threads."""
        for plane in (self.y, self.u, self.v):
            plane.setflags(write=False)
        return self
