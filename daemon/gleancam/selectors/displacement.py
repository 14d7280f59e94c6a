"""Where two thumbnails have the same edges, and after which displacement.

Gradients as complex numbers, correlated by FFT: orientation counts beside strength, and brightness
does not (V. Argyriou and T. Vlachos, "Using gradient correlation for sub-pixel motion estimation
of video sequences", ICASSP 2004). Rotation and zoom are tried one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot, radians
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from gleancam.mask import BoolArray
from gleancam.thumbnail import THUMBNAIL_SHAPE
from gleancam_engines.planes import Float32Array

Field: TypeAlias = npt.NDArray[np.complex64]
"""`THUMBNAIL_SHAPE` complex64: the gradient of each cell, its strength as a square root."""
Spectrum: TypeAlias = npt.NDArray[np.complexfloating]

_BLACK, _LIGHT, _LEAST_LIGHT = 16.0, 100.0, 8.0
"""Luma of black, and mean luma above it that pictures are scaled to and from."""
_SOFTENING = 4.0
"""Gradients below this are noise, and are not raised by the square root."""
FOUND = 0.45
"""Least similarity of one view with itself, displaced; different places fit up to 0.4."""
_LEAST_OVERLAP = 0.4
"""Share of the cells, and of either picture's edges, that must remain to be compared."""
_PADDED = (2 * THUMBNAIL_SHAPE[0], 2 * THUMBNAIL_SHAPE[1])
_TURNS_DEG = (-12.0, -8.0, -4.0, 0.0, 4.0, 8.0, 12.0)
_ZOOMS = (0.8, 0.89, 1.0, 1.12, 1.25)
_FINER_TURNS_DEG = (-2.0, 0.0, 2.0)
_FINER_ZOOMS = (0.945, 1.0, 1.058)
_ALL_SEEN = 0.999
"""A warped cell counts when all it was made of is watched."""
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Fit:
    """How well one picture, displaced, fits another.

    Attributes:
        similarity: -1…1, over what both show.
        shift: cells by which it was shifted.
        turn_deg: about the middle; before it was shifted.
        zoom: about the middle; above 1 it was enlarged.
    """

    similarity: float
    shift: float = 0.0
    turn_deg: float = 0.0
    zoom: float = 1.0

    @property
    def cells(self) -> float:
        """How far it was displaced, in the middle or halfway from there to its sides."""
        halfway = THUMBNAIL_SHAPE[1] / 4
        return max(self.shift, halfway * hypot(self.zoom - 1, radians(self.turn_deg)))


def gradients(luma: Float32Array, watched: BoolArray) -> Field:
    """Gradient of a thumbnail scaled to one brightness: dim light weakens edges, no more.

    It is 0 at the border and where a cell, or a neighbour, is not watched.
    """
    seen = watched.copy()
    seen[[0, -1]] = seen[:, [0, -1]] = False
    for axis, by in ((0, 1), (0, -1), (1, 1), (1, -1)):
        seen &= np.roll(watched, by, axis)
    x = np.roll(luma, -1, 1) - np.roll(luma, 1, 1)
    y = np.roll(luma, -1, 0) - np.roll(luma, 1, 0)
    light = max(float(luma[watched].mean()) - _BLACK, _LEAST_LIGHT)
    field = np.where(seen, (x + 1j * y) * (_LIGHT / light), 0)
    return np.asarray(field / np.sqrt(np.abs(field) + _SOFTENING), dtype=np.complex64)


def strength(field: Field) -> float:
    """Sum of squares: how much there is to see."""
    return float(np.vdot(field, field).real)


def similarity(a: Field, b: Field) -> float:
    """Correlation of two fields in place, -1…1; 0 where one is empty."""
    scale = np.sqrt(strength(a) * strength(b))
    return float(np.vdot(a, b).real / scale) if scale else 0.0


class Target:
    """A thumbnail's gradients, to which others are fitted.

    Args:
        field: as `gradients` gives it.
    """

    def __init__(self, field: Field) -> None:
        self.field = field
        self.strength = strength(field)
        self._spectrum = np.fft.fft2(field, _PADDED)
        # What of it is left under the other after each shift.
        self._left = _correlate(_ONES, np.fft.fft2(np.abs(field) ** 2, _PADDED))

    def shifted_fit(self, field: Field) -> Fit:
        """The best fit of another field, shifted by whole cells."""
        similarities = self._similarities(field)
        best = np.unravel_index(int(similarities.argmax()), similarities.shape)
        down, right = (_signed(int(at), size) for at, size in zip(best, _PADDED, strict=True))
        return Fit(float(similarities[best]), hypot(down, right))

    def turned_fit(self, luma: Float32Array, watched: BoolArray) -> Fit:
        """The best fit of another thumbnail, turned or zoomed, and shifted."""
        coarse = [(turn, zoom) for turn in _TURNS_DEG for zoom in _ZOOMS]
        near = self._best(luma, watched, coarse)
        finer = [
            (near.turn_deg + turn, near.zoom * zoom)
            for turn in _FINER_TURNS_DEG
            for zoom in _FINER_ZOOMS
        ]
        return self._best(luma, watched, finer)

    def _best(
        self, luma: Float32Array, watched: BoolArray, candidates: list[tuple[float, float]]
    ) -> Fit:
        fits = (self._turned_fit(luma, watched, turn, zoom) for turn, zoom in candidates)
        return max(fits, key=lambda fit: fit.similarity)

    def _turned_fit(
        self, luma: Float32Array, watched: BoolArray, turn_deg: float, zoom: float
    ) -> Fit:
        coefficients = _affine(turn_deg, zoom)
        warped, seen = (_warped(each, coefficients) for each in (luma, watched.astype(np.float32)))
        fit = self.shifted_fit(gradients(warped, seen > _ALL_SEEN))
        return replace(fit, turn_deg=turn_deg, zoom=zoom)

    def _similarities(self, field: Field) -> Float32Array:
        """Similarity after every shift, `_PADDED`; -1 where too little overlaps."""
        product = _correlate(np.fft.fft2(field, _PADDED), self._spectrum)
        left = _correlate(np.fft.fft2(np.abs(field) ** 2, _PADDED), _ONES)
        enough = (
            (_LEAST_OVERLAP * field.size < _OVERLAP)
            & (left > _LEAST_OVERLAP * strength(field))
            & (self._left > _LEAST_OVERLAP * self.strength)
        )
        scale = np.sqrt(np.maximum(left, _TINY) * np.maximum(self._left, _TINY))
        return np.asarray(np.where(enough, product / scale, -1), dtype=np.float32)


def is_displaced(before: Float32Array, after: Float32Array) -> bool:
    """Whether two thumbnails show one place, seen by a camera that was knocked in between."""
    everywhere = np.ones(THUMBNAIL_SHAPE, np.bool_)
    target = Target(gradients(after, everywhere))
    if target.shifted_fit(gradients(before, everywhere)).similarity >= FOUND:
        return True
    return target.turned_fit(before, everywhere).similarity >= FOUND


def _warped(values: Float32Array, coefficients: tuple[float, ...]) -> Float32Array:
    size = (THUMBNAIL_SHAPE[1], THUMBNAIL_SHAPE[0])
    resampling = Image.Resampling.BILINEAR
    image = Image.fromarray(values)
    return np.asarray(image.transform(size, Image.Transform.AFFINE, coefficients, resampling))


def _affine(turn_deg: float, zoom: float) -> tuple[float, ...]:
    """Pillow's coefficients of a turn and zoom about the middle: from target to source."""
    middle = np.array([THUMBNAIL_SHAPE[1] / 2, THUMBNAIL_SHAPE[0] / 2])
    cosine, sine = np.cos(np.radians(turn_deg)) / zoom, np.sin(np.radians(turn_deg)) / zoom
    rows = np.array([[cosine, sine], [-sine, cosine]])
    return tuple(np.column_stack([rows, middle - rows @ middle]).ravel().tolist())


def _correlate(a: Spectrum, b: Spectrum) -> Float32Array:
    return np.asarray(np.fft.ifft2(a.conj() * b).real, dtype=np.float32)


def _signed(at: int, size: int) -> int:
    return at if at < size // 2 else at - size


_ONES = np.fft.fft2(np.ones(THUMBNAIL_SHAPE, np.float32), _PADDED)
_OVERLAP = _correlate(_ONES, _ONES)
"""How many cells two thumbnails share after each shift."""
