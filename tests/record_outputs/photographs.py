"""Photographs, put into a model's input with Pillow alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels: TypeAlias = npt.NDArray[np.uint8]
Pair: TypeAlias = tuple[float, float]
Triple: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True)
class Fitted:
    """RGB pixels of an input, and how the photograph lies in it."""

    pixels: Pixels
    scale: Pair
    origin: tuple[int, int]

    def tensor(self, mean: Triple = (0, 0, 0), std: Triple = (255, 255, 255)) -> Any:
        """Return `(1, 3, H, W)` float32: pixels minus `mean`, divided by `std`."""
        normal = (self.pixels - np.array(mean, np.float32)) / np.array(std, np.float32)
        return np.ascontiguousarray(normal.transpose(2, 0, 1)[np.newaxis], np.float32)


@dataclass(frozen=True)
class Photograph:
    name: str
    image: Image.Image

    @property
    def frame(self) -> tuple[int, int]:
        """Width and height."""
        return self.image.size

    def squashed(self, side: int) -> Fitted:
        small = self.image.resize((side, side), Image.Resampling.BICUBIC)
        width, height = self.frame
        return Fitted(np.asarray(small), (side / width, side / height), (0, 0))

    def letterboxed(self, side: int, *, centred: bool) -> Fitted:
        width, height = self.frame
        inner = [round(one * side / max(self.frame)) for one in self.frame]
        origin = ((side - inner[0]) // 2, (side - inner[1]) // 2) if centred else (0, 0)
        canvas = Image.new("RGB", (side, side), (114, 114, 114))
        canvas.paste(self.image.resize((inner[0], inner[1]), Image.Resampling.BICUBIC), origin)
        return Fitted(np.asarray(canvas), (inner[0] / width, inner[1] / height), origin)


def read(path: Path) -> Photograph:
    return Photograph(path.stem, Image.open(path).convert("RGB"))
