"""The plots beside the tables."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from PIL import Image

from bench.labels.entrants import DEFAULT
from bench.labels.reliability import Bin
from bench.labels.result import Result
from bench.labels.trust import ROC_AT

_DPI = 80
_COLOURS = 64


def plot(result: Result, folder: Path) -> None:
    """Write four PNG files."""
    for name, size, draw in (
        ("ap", (9, 6), _averages),
        ("reliability", (11, 4), _reliability),
        ("precision", (9, 3.6), _precision),
        ("doubts", (11, 4.2), _doubts),
    ):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure, result)
        _save(figure, folder / f"labels_{name}.png")


def _save(figure: Any, file: Path) -> None:
    """Write a PNG of few colours, a third as large."""
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=_DPI)
    Image.open(drawn).convert("RGB").quantize(_COLOURS).save(file, optimize=True)


def _averages(figure: Any, result: Result) -> None:
    """Draw a bar for each entrant at the raw confidence."""
    comparison = result.comparisons[0]
    rows = comparison.rows[::-1]
    axis = figure.add_subplot()
    value = [100 * row.ap.value for row in rows]
    ends = [
        [100 * max(row.ap.value - row.ap.low, 0) for row in rows],
        [100 * max(row.ap.high - row.ap.value, 0) for row in rows],
    ]
    colours = ["black" if row.name == DEFAULT else "0.6" for row in rows]
    axis.barh(range(len(rows)), value, xerr=ends, color=colours, ecolor="tab:red", capsize=2)
    axis.set_yticks(range(len(rows)), [row.name for row in rows], fontsize=8)
    best = next(row for row in rows if row.name == comparison.best)
    axis.axvline(100 * best.ap.value, color="tab:red", linestyle=":")
    axis.set_xlabel("AP; dotted: the best single detector's")


def _reliability(figure: Any, result: Result) -> None:
    for at, trust in enumerate(result.trusts):
        axis = figure.add_subplot(1, len(result.trusts), at + 1)
        axis.plot([0, 1], [0, 1], color="0.7")
        _bins(axis, trust.bins, f"as it is, ECE {trust.error:.3f}", "o:")
        after = trust.calibrated["one temperature"]
        _bins(axis, after.bins, f"one temperature, ECE {after.pooled.mean:.3f}", "s-")
        axis.set_title(trust.setting.name, fontsize=9)
        axis.set_xlabel("1 - risk")
        axis.set_ylabel("share of right labels")
        axis.legend(fontsize=8)


def _bins(axis: Any, bins: tuple[Bin, ...], label: str, style: str) -> None:
    some = [one for one in bins if one.count]
    axis.plot([one.probability for one in some], [one.right for one in some], style, label=label)


def _precision(figure: Any, result: Result) -> None:
    axis = figure.add_subplot()
    for at, trust in enumerate(result.trusts):
        count = len(trust.between)
        shown = [(place, one) for place, one in enumerate(trust.between) if one.count]
        places = [(place + 0.2 + 0.3 * at) / count for place, _ in shown]
        label = trust.setting.name
        axis.bar(places, [one.right for _, one in shown], 0.28 / count, label=label)
        for place, (_, one) in zip(places, shown, strict=True):
            axis.text(place, one.right, str(one.count), ha="center", va="bottom", fontsize=6)
    axis.set_xlabel("fused score (above each bar: how many labels)")
    axis.set_ylabel("share of right labels")
    axis.legend(fontsize=8, loc="upper left")


def _doubts(figure: Any, result: Result) -> None:
    for at, trust in enumerate(result.trusts):
        axis = figure.add_subplot(1, len(result.trusts), at + 1)
        axis.plot([0, 1], [0, 1], color="0.7")
        for name, heights in trust.roc.items():
            axis.plot(ROC_AT, heights, label=f"{name}, {trust.auroc[name].value:.2f}")
        axis.set_title(trust.setting.name, fontsize=9)
        axis.set_xlabel("share of right labels taken for wrong")
        axis.set_ylabel("share of wrong labels found")
        axis.legend(fontsize=7, loc="lower right")
