"""A picture ready to be sent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """A JPEG and how it was made.

    Attributes:
        width: columns of the JPEG; fewer than the frame's when it was made smaller to fit.
        height: rows of the JPEG.
        quality: libjpeg's scale, 1…100.

    Raises:
        ValueError: it is no JPEG, or a number is out of range.
    """

    jpeg: bytes
    width: int
    height: int
    quality: int

    def __post_init__(self) -> None:
        if not self.jpeg.startswith(b"\xff\xd8"):
            raise ValueError("jpeg does not begin with a JPEG start-of-image marker")
        if not (1 <= self.width <= 65535 and 1 <= self.height <= 65535):
            raise ValueError(f"size must lie in 1…65535, but is {self.width} by {self.height}")
        if not 1 <= self.quality <= 100:
            raise ValueError(f"quality must lie in 1…100, but is {self.quality}")
