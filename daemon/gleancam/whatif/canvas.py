"""Lines and words on a picture. Pillow draws without antialiasing: large first, then reduced."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Literal, TypeAlias

from PIL import Image, ImageDraw, ImageFont

Point: TypeAlias = "tuple[float, float]"
Anchor: TypeAlias = Literal["la", "ma", "ra", "lm", "mm", "rm"]
"""Pillow's: left, middle or right; ascender (top) or middle."""

_SCALE = 3
INK, FAINT, GRID = "#222222", "#666666", "#e3e3e3"


class Canvas:
    """A white picture, in pixels from the upper left corner."""

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._image = Image.new("RGB", (width * _SCALE, height * _SCALE), "white")
        self._draw = ImageDraw.Draw(self._image)

    def line(self, points: Sequence[Point], colour: str, width: float = 1.0) -> None:
        """Draw a line through points."""
        self._draw.line(_scaled(points), colour, max(1, round(width * _SCALE)), joint="curve")

    def dashes(self, points: Sequence[Point], colour: str, dash: float = 6.0) -> None:
        """Draw a dashed line through points."""
        for (x1, y1), (x2, y2) in pairwise(points):
            length = max(abs(x2 - x1), abs(y2 - y1), 1e-9)
            for begin in range(0, int(length), int(2 * dash)):
                a, b = begin / length, min(1.0, (begin + dash) / length)
                part = [(x1 + (x2 - x1) * at, y1 + (y2 - y1) * at) for at in (a, b)]
                self.line(part, colour, 1.2)

    def box(self, upper_left: Point, lower_right: Point, colour: str) -> None:
        """Fill a rectangle."""
        (x1, y1), (x2, y2) = _scaled([upper_left, lower_right])
        self._draw.rectangle((x1, y1, x2 - 1, y2 - 1), fill=colour)

    def text(
        self, at: Point, words: str, *, size: int = 13, colour: str = INK, anchor: Anchor = "la"
    ) -> None:
        """Write one line."""
        (place,) = _scaled([at])
        self._draw.text(place, words, colour, _font(size * _SCALE), anchor)

    def width_of(self, words: str, size: int = 13) -> float:
        """How wide `text` writes it."""
        return self._draw.textlength(words, _font(size * _SCALE)) / _SCALE

    def picture(self) -> Image.Image:
        """What was drawn, smoothed."""
        return self._image.resize(self._size, Image.Resampling.LANCZOS)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * _SCALE, y * _SCALE) for x, y in points]
