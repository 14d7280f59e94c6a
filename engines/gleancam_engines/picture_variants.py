"""Test-time variants: one model, shown the same picture in other ways, votes more than once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

import numpy as np

from gleancam_engines.detections import Detections
from gleancam_engines.planes import Float32Array, Planes, Range, UInt8Array

_LUMA = {Range.LIMITED: (16, 235), Range.FULL: (0, 255)}


class Variant(ABC):
    """A way to show a picture to a model, and back.

    Attributes:
        suffix: what it adds to a model's id, as `+hflip`; nothing for the picture as it is.
    """

    suffix: str

    @abstractmethod
    def shown(self, planes: Planes) -> Planes:
        """Return the picture as the model is shown it, of the same size; the planes stay."""

    @abstractmethod
    def back(self, seen: Detections, width: int) -> Detections:
        """Return what was seen in the picture shown as boxes of the original, `width` wide."""


class AsItIs(Variant):
    """The picture itself."""

    suffix = ""

    def shown(self, planes: Planes) -> Planes:
        """Return the picture."""
        return planes

    def back(self, seen: Detections, width: int) -> Detections:
        """Return what was seen."""
        del width
        return seen


class HorizontalFlip(Variant):
    """Left and right exchanged.

    In a picture of odd width the last column has chroma of its own, which moves by half a sample.
    """

    suffix = "+hflip"

    def shown(self, planes: Planes) -> Planes:
        """Return the mirrored picture."""
        y, u, v = (np.ascontiguousarray(plane[:, ::-1]) for plane in (planes.y, planes.u, planes.v))
        return Planes(y, u, v, planes.colorimetry)

    def back(self, seen: Detections, width: int) -> Detections:
        """Mirror the boxes."""
        x1, y1, x2, y2 = seen.xyxy.T
        mirrored: Float32Array = np.stack([width - x2, y1, width - x1, y2], axis=1)
        return replace(seen, xyxy=np.ascontiguousarray(mirrored, np.float32))


class Gamma(Variant):
    """Luma to a power, within its range: below 1 the dark parts brighten. Colours stay."""

    def __init__(self, gamma: float) -> None:
        self.suffix = f"+gamma{gamma:g}"
        self._tables = {each: _table(gamma, *limits) for each, limits in _LUMA.items()}

    def shown(self, planes: Planes) -> Planes:
        """Return the brighter or darker picture."""
        table = self._tables[planes.colorimetry.range]
        return replace(planes, y=table[planes.y])

    def back(self, seen: Detections, width: int) -> Detections:
        """Return what was seen: everything is where it was."""
        del width
        return seen


def variant(name: str) -> Variant:
    """Return the variant of that name: `none`, `hflip`, or `gamma` and a number.

    Raises:
        ValueError: it is none of these.
    """
    if name == "none":
        return AsItIs()
    if name == "hflip":
        return HorizontalFlip()
    if name.startswith("gamma") and 0 < float(name.removeprefix("gamma")) < float("inf"):
        return Gamma(float(name.removeprefix("gamma")))
    raise ValueError(f"{name!r} is no variant; known: none, hflip, gamma0.7 and other numbers")


def _table(gamma: float, low: int, high: int) -> UInt8Array:
    share = ((np.arange(256) - low) / (high - low)).clip(0, 1)
    return np.asarray(np.rint(low + (high - low) * share**gamma), np.uint8)
