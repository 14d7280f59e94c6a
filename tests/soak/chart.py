"""Every gauge over time, one small panel each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from soak.page import drifts
from soak.running import Reading

COLUMNS = 3


def draw(readings: Sequence[Reading], file: Path) -> None:
    """Write a PNG."""
    from matplotlib.figure import Figure

    names = list(drifts(readings))
    rows = -(-len(names) // COLUMNS)
    figure = Figure(figsize=(11, 2.1 * rows), layout="constrained")
    for at, name in enumerate(names, 1):
        axis = figure.add_subplot(rows, COLUMNS, at)
        points = [
            (time_s / 60, value)
            for time_s, value in ((reading["at_s"], reading[name]) for reading in readings)
            if time_s is not None and value is not None
        ]
        axis.plot(*zip(*points, strict=True), linewidth=1)
        axis.set_ylim(bottom=0)
        axis.set_title(name, fontsize=9)
        axis.set_xlabel("minutes", fontsize=8)
    figure.savefig(file, dpi=80)
