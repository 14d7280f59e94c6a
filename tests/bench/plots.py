"""The plot beside the tables: when each method keeps frames, and what more budget would buy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from bench.budgeted import baselines
from bench.contest import BUDGETS, Coverage, Entry, Result

DAY = "cctv_day_public"
CURVES = ("cctv_day_public", "iot_one-by-one-person-detection", "cuts_public")
_NOVELTY = "novelty, threshold varied"
_STYLE = {"k-center (offline)": "--", _NOVELTY: "-"}
_COLOURS = {"gleancam": "black", _NOVELTY: "black"}


def plot(entries: Sequence[Entry], result: Result, file: Path) -> None:
    """Write a PNG."""
    figure = Figure(figsize=(11, 7.5), layout="constrained")
    grid = figure.add_gridspec(2, len(CURVES))
    day = next(entry for entry in entries if entry.clip.name == DAY)
    _timeline(figure.add_subplot(grid[0, :]), day)
    by_name = {coverage.clip: coverage for coverage in result.coverage}
    axes = [figure.add_subplot(grid[1, at]) for at in range(len(CURVES))]
    for axis, name in zip(axes, CURVES, strict=True):
        _curve(axis, by_name[name])
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    figure.savefig(file, dpi=80)


def _timeline(axis: Any, entry: Entry) -> None:
    times_s, kept = entry.seen.times_s, entry.replayed.kept
    choices = baselines(entry.seen, entry.embeddings, len(kept))
    rows = {"gleancam": kept, **{name: each[0] for name, each in choices.items()}}
    for at, (name, frames) in enumerate(rows.items()):
        colour = _COLOURS.get(name, f"C{at}")
        axis.plot(times_s[list(frames)], [at] * len(frames), "|", markersize=14, color=colour)
    for span in entry.clip.spans:
        axis.axvspan(times_s[span.stretch.start], times_s[span.stretch.end], color="0.85", zorder=0)
    for repeat in entry.clip.repeats:
        ends = times_s[repeat.start], times_s[repeat.end]
        axis.axvspan(*ends, facecolor="none", edgecolor="0.7", hatch="//", zorder=0)
    axis.set_yticks(range(len(rows)), list(rows))
    axis.invert_yaxis()
    axis.set_xlabel("seconds")
    axis.set_title(f"{DAY}: {len(kept)} kept frames (grey: visits; hatched: an exact replay)")


def _curve(axis: Any, coverage: Coverage) -> None:
    for at, (name, points) in enumerate(coverage.curves.items(), 1):
        shown = [point for point in points if 0 < point[0] <= max(BUDGETS)]
        colour = _COLOURS.get(name, f"C{at}")
        axis.plot(*zip(*shown, strict=True), _STYLE.get(name, ":"), color=colour, label=name)
    ours = coverage.methods["gleancam"]
    axis.plot(ours.frames, ours.covered, "k*", markersize=12, label="gleancam, as it ships")
    axis.axhline(coverage.distinct, color="0.8", zorder=0)
    axis.set_xlabel("kept frames")
    axis.set_ylabel("distinct covered")
    axis.set_title(coverage.clip, fontsize=9)
