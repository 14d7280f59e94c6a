"""The table of drifts, and the page with a chart."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from soak.drift import Drift, drift
from soak.running import Reading

COUNTERS = ("frames", "embedded", "samples")
PAGE, CHART = "SOAK.md", "soak.png"


def drifts(readings: Sequence[Reading]) -> dict[str, Drift]:
    """Return the drift of every gauge that was read at least eight times."""
    found = {}
    for name in readings[0]:
        if name in (*COUNTERS, "at_s"):
            continue
        at = [reading for reading in readings if reading[name] is not None]
        if len(at) >= 8:
            found[name] = drift([_number(r, "at_s") for r in at], [_number(r, name) for r in at])
    return found


def table(readings: Sequence[Reading]) -> list[str]:
    """Return the Markdown table."""
    lines = [
        "| | first quarter | last quarter | drift an hour, second half | whole run |",
        "|---|---|---|---|---|",
    ]
    for name, one in drifts(readings).items():
        lines.append(
            f"| {name} | {one.first:.4g} | {one.last:.4g} | {one.per_hour:+.3g} "
            f"| {one.per_hour_whole:+.3g} |"
        )
    return lines


def write_page(readings: Sequence[Reading], folder: Path) -> None:
    """Write page and chart."""
    from soak.chart import draw

    draw(readings, folder / CHART)
    (folder / PAGE).write_text("\n".join(_page(readings)) + "\n", encoding="utf-8")


def _page(readings: Sequence[Reading]) -> list[str]:
    last = readings[-1]
    seconds = _number(last, "at_s")
    rates = {name: _number(last, name) / seconds for name in COUNTERS}
    return [
        "# Soak",
        "",
        f"Written by `make soak`: {seconds / 60:.0f} minutes on {os.cpu_count()} cores, a reading",
        f"every 10 s ({len(readings)} in all). Two simulated RTSP cameras at 25 frames a second,",
        "`tiny-vit-5m`, `yolox-nano`, mosquitto and the reference consumer on the same cores:",
        f"{rates['frames']:.1f} frames a second pulled, {rates['embedded']:.2f} embedded,",
        f"{rates['samples']:.2f} samples spooled. Settings: `tests/soak/soak.toml`.",
        "",
        "Medians of the quarters; the slope is the median over all pairs (Theil-Sen), of the",
        "second half because memories and caches fill in the first. The consumer remembers every",
        "id, so it grows by design. Latency is from capture to the acknowledgement that freed the",
        "sample, of what came in those 10 s, interpolated within the buckets of the histogram.",
        "",
        *table(readings),
        "",
        f"![every reading over time]({CHART})",
    ]


def _number(reading: Reading, name: str) -> float:
    value = reading[name]
    assert value is not None, name
    return value
