"""A comparison as a picture: what is kept when, what it costs, what it covers."""

from __future__ import annotations

from datetime import datetime, timezone

import numpy as np
import numpy.typing as npt
from PIL import Image

from gleancam.selectors.budget_amount import Unit
from gleancam.whatif.canvas import FAINT, INK, Canvas
from gleancam.whatif.comparison import Comparison, Side
from gleancam.whatif.coverage import NEVER
from gleancam.whatif.panel import Panel
from gleancam.whatif.ticks import TimeScale, time_scale

WIDTH, HEIGHT = 1200, 900
LEFT, RIGHT = 90, WIDTH - 30
SIDES = ("#0072b2", "#d55e00")
WIDTHS = (4.5, 1.8)
"""Of their lines: where they are equal, both are seen."""
REASONS = {
    "novel": "#009e73",
    "scene_change": "#cc79a7",
    "near": "#e69f00",
    "uncertain": "#7a5230",
    "random": "#56b4e9",
}
"""Colours that most colour-blind people tell apart (Okabe and Ito, 2008)."""
OTHER = "#888888"
_UTC_FROM_NS = 10**17
"""Times of videos begin at 0; those of logs are UTC, long after 1973."""


def draw(comparison: Comparison) -> Image.Image:
    """Draw two policies side by side, `WIDTH` by `HEIGHT` pixels."""
    return _Plot(comparison).drawn()


class _Plot:
    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._canvas = Canvas(WIDTH, HEIGHT)
        self._at_s = (comparison.times_ns - comparison.times_ns[0]) / 1e9
        self._span_s = max(1.0, float(self._at_s[-1]))

    def drawn(self) -> Image.Image:
        scale = time_scale(self._span_s, 12)
        self._legend()
        self._kept(scale, 96, 176)
        self._counted(scale, 226, 406)
        self._paid(scale, 456, 636)
        self._covered(scale, 686, 846)
        self._canvas.text(((LEFT + RIGHT) / 2, HEIGHT - 26), self._when(scale), anchor="ma")
        return self._canvas.picture()

    def _panel(self, top: float, bottom: float, highest: float = 1.0) -> Panel:
        return Panel(self._canvas, (LEFT, top), (RIGHT, bottom), self._span_s, highest)

    def _legend(self) -> None:
        canvas, x = self._canvas, float(LEFT)
        canvas.text((x, 12), f"What would be kept of {self._comparison.name}", size=17)
        x = float(LEFT)
        for side, colour in zip(self._comparison.sides, SIDES, strict=True):
            canvas.line([(x, 53), (x + 26, 53)], colour, 3)
            canvas.text((x + 34, 53), side.name, anchor="lm")
            x += 34 + canvas.width_of(side.name) + 30
        if self._ceilings("samples") or self._ceilings("bytes"):
            canvas.dashes([(x, 53), (x + 26, 53)], FAINT)
            canvas.text((x + 34, 53), "what the site's budget allows", anchor="lm")

    def _kept(self, scale: TimeScale, top: float, bottom: float) -> None:
        panel = self._panel(top, bottom)
        panel.times("Frames kept, by reason", scale, labelled=False)
        self._reasons(top - 15)
        for row, (side, colour) in enumerate(zip(self._comparison.sides, SIDES, strict=True)):
            height = (bottom - top) / 2
            begin = top + row * height
            self._canvas.box((LEFT - 12, begin + 5), (LEFT - 4, begin + height - 5), colour)
            colours = [REASONS.get(reason, OTHER) for reason in side.reasons]
            panel.marks(self._at_s[side.kept].tolist(), colours, row, 2)
        self._canvas.line([(LEFT, bottom), (RIGHT, bottom)], INK)

    def _reasons(self, y: float) -> None:
        first, second = self._comparison.sides
        x = float(RIGHT)
        for reason in sorted(first.by_reason | second.by_reason, reverse=True):
            name = reason.replace("_", " ")
            x -= self._canvas.width_of(name)
            self._canvas.text((x, y), name, anchor="lm")
            x -= 18
            self._canvas.box((x, y - 6), (x + 12, y + 6), REASONS.get(reason, OTHER))
            x -= 18

    def _counted(self, scale: TimeScale, top: float, bottom: float) -> None:
        sides = self._comparison.sides
        panel = self._panel(
            top, bottom, self._highest([len(side.kept) for side in sides], "samples")
        )
        panel.axes("Frames kept so far", scale, labelled=False)
        self._ceilings_on(panel, "samples", 1)
        for side, colour, width in zip(sides, SIDES, WIDTHS, strict=True):
            counts = np.arange(1.0, len(side.kept) + 1)
            panel.steps(self._at_s[side.kept], counts, colour, width)

    def _paid(self, scale: TimeScale, top: float, bottom: float) -> None:
        sides = self._comparison.sides
        paid = [np.cumsum(np.array(side.wire_bytes, np.float64)) / 1e6 for side in sides]
        ends = [float(each[-1]) if each.size else 0.0 for each in paid]
        panel = self._panel(top, bottom, self._highest(ends, "bytes", 1e6))
        guessed = any(side.rerun.guessed for side in sides)
        title = "Sent so far, MB" + (" (partly guessed: never sent then)" if guessed else "")
        panel.axes(title, scale, labelled=False)
        self._ceilings_on(panel, "bytes", 1e6)
        for side, each, colour, width in zip(sides, paid, SIDES, WIDTHS, strict=True):
            panel.steps(self._at_s[side.kept], each, colour, width)

    def _covered(self, scale: TimeScale, top: float, bottom: float) -> None:
        panel = self._panel(top, bottom, 100.0)
        radius = self._comparison.sides[0].coverage.radius
        title = f"Coverage, % of all frames within cosine distance {radius:g} of one kept so far"
        panel.axes(title, scale, labelled=True)
        for side, colour, width in zip(self._comparison.sides, SIDES, WIDTHS, strict=True):
            gained = _gained(side, len(self._at_s))
            panel.steps(self._at_s[side.kept], gained, colour, width)

    def _highest(self, ends: list[float] | list[int], unit: Unit, size: float = 1.0) -> float:
        """The highest value to show; a budget only where it is not far beyond what was used."""
        used = max(*ends, 1e-9)
        limits = [limit / size for _, limit, _ in self._ceilings(unit)]
        return max([used, *(limit for limit in limits if limit <= 3 * used)])

    def _ceilings(self, unit: Unit) -> list[tuple[float, float, str]]:
        """Period in seconds, limit and colour of the budgets of the site in a unit."""
        return [
            (each.amount.period_ns / 1e9, each.amount.limit, colour)
            for side, colour in zip(self._comparison.sides, SIDES, strict=True)
            for each in side.allowances
            if each.account == "site" and each.amount.unit == unit
        ]

    def _ceilings_on(self, panel: Panel, unit: Unit, size: float) -> None:
        for period_s, limit, colour in self._ceilings(unit):
            panel.ceiling(period_s, limit / size, colour)

    def _when(self, scale: TimeScale) -> str:
        begins_ns = int(self._comparison.times_ns[0])
        if begins_ns < _UTC_FROM_NS:
            return f"time in the video, {scale.unit}"
        begins = datetime.fromtimestamp(begins_ns // 10**9, tz=timezone.utc)
        return f"time since {begins:%Y-%m-%d %H:%M:%S} UTC, {scale.unit}"


def _gained(side: Side, frames: int) -> npt.NDArray[np.float64]:
    """Percent of all frames that are covered when each of the kept ones has been kept."""
    by = side.coverage.covered_by
    first = np.searchsorted(np.array(side.kept, np.int64), by[by != NEVER])
    counts = np.bincount(first, minlength=len(side.kept))
    gained: npt.NDArray[np.float64] = 100.0 * np.cumsum(counts) / frames
    return gained
