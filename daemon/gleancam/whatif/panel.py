"""One diagram over time: its frame, its axes, its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam.whatif.canvas import FAINT, GRID, INK, Canvas, Point
from gleancam.whatif.ticks import TimeScale, label, rounded


@dataclass(frozen=True, slots=True)
class Panel:
    """A diagram of something that begins at 0, from 0 to `span_s` seconds.

    Attributes:
        highest: of its values.
    """

    canvas: Canvas
    upper_left: Point
    lower_right: Point
    span_s: float
    highest: float

    def x(self, at_s: float) -> float:
        """Where a time lies."""
        left, right = self.upper_left[0], self.lower_right[0]
        return left + (right - left) * at_s / self.span_s

    def y(self, value: float) -> float:
        """Where a value lies."""
        top, bottom = self.upper_left[1], self.lower_right[1]
        return bottom - (bottom - top) * value / self.top

    @property
    def top(self) -> float:
        """The value at the upper edge."""
        return max(self._ticks)

    @property
    def _ticks(self) -> tuple[float, ...]:
        return rounded(self.highest, 5)

    def axes(self, title: str, scale: TimeScale, *, labelled: bool) -> None:
        """Draw the grid, and the numbers of the values, and those of the times if `labelled`."""
        self.times(title, scale, labelled=labelled)
        left, right = self.upper_left[0], self.lower_right[0]
        for value in self._ticks:
            y = self.y(value)
            self.canvas.line([(left, y), (right, y)], INK if value == 0 else GRID)
            self.canvas.text((left - 8, y), label(value), size=12, colour=FAINT, anchor="rm")

    def times(self, title: str, scale: TimeScale, *, labelled: bool) -> None:
        """Draw the title and the lines of the times, with their numbers if `labelled`."""
        (left, top), (_, bottom) = self.upper_left, self.lower_right
        self.canvas.text((left, top - 22), title, size=14)
        for at_s, words in scale.ticks:
            x = self.x(at_s)
            self.canvas.line([(x, top), (x, bottom)], GRID)
            if labelled:
                self.canvas.text((x, bottom + 7), words, size=12, colour=FAINT, anchor="ma")

    def steps(
        self,
        at_s: npt.NDArray[np.float64],
        values: npt.NDArray[np.float64],
        colour: str,
        width: float,
    ) -> None:
        """Draw what jumps to a value at each time, ascending, and keeps it; 0 before."""
        pixels = np.arange(self.upper_left[0], self.lower_right[0] + 0.5, 0.5)
        shown_s = (pixels - pixels[0]) / (pixels[-1] - pixels[0]) * self.span_s
        held = np.concatenate([[0.0], values])
        heights = held[np.searchsorted(at_s, shown_s, side="right")]
        points = [(x, self.y(value)) for x, value in zip(pixels.tolist(), heights, strict=True)]
        self.canvas.line(points, colour, width)

    def ceiling(self, period_s: float, limit: float, colour: str) -> None:
        """Draw, dashed, what budgets of `limit` every `period_s` sum up to."""
        at_s, value = 0.0, limit
        while at_s < self.span_s and value <= self.top:
            until_s = min(at_s + period_s, self.span_s)
            ends = [(self.x(at_s), self.y(value)), (self.x(until_s), self.y(value))]
            self.canvas.dashes(ends, colour)
            at_s, value = until_s, value + limit

    def marks(self, at_s: Sequence[float], colours: Sequence[str], row: int, rows: int) -> None:
        """Draw an upright stroke at each time, in one of the rows."""
        height = (self.lower_right[1] - self.upper_left[1]) / rows
        top = self.upper_left[1] + row * height
        for when, colour in zip(at_s, colours, strict=True):
            x = self.x(when)
            self.canvas.line([(x, top + 5), (x, top + height - 5)], colour, 1.3)
