"""What a person sees of a replay: progress while it runs, tables at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from gleancam.replay import Judged, Report
from gleancam.types import SceneChange


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[Report], None]]:
    """Show how far a replay is, on stderr; call what this gives after each frame."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as bar:
        task = bar.add_task("0 frames")
        yield lambda report: bar.update(task, description=_so_far(report))


def show(report: Report) -> None:
    """Print the totals, the kept frames, the scene changes and the conditions of the camera."""
    console = Console()
    console.print(_totals(report), _kept(report), _changes(report), _conditions(report))
    for failure in report.failures:
        console.print(failure, style="red")


def _so_far(report: Report) -> str:
    return (
        f"{len(report.times_ns)} frames, {report.gated} gated, {report.embedded} embedded, "
        f"{len(_kept_rows(report))} kept, {len(report.changes)} scene changes"
    )


def _totals(report: Report) -> Table:
    table = Table("frames", "")
    table.add_row("decoded", str(len(report.times_ns)))
    table.add_row("gated", str(report.gated))
    table.add_row("embedded", str(report.embedded))
    table.add_row("failed", str(len(report.failures)))
    reasons = Counter(judged.decision.reason.value for judged in _kept_rows(report))
    for reason, count in sorted(reasons.items()):
        table.add_row(f"kept: {reason}", str(count))
    return table


def _kept(report: Report) -> Table:
    table = Table("kept", "time", "reason", "score", "threshold")
    for judged in _kept_rows(report):
        decision = judged.decision
        score, threshold = f"{decision.score:.3f}", f"{decision.threshold:.3f}"
        frame, time = str(judged.frame), f"{judged.t_s:.2f} s"
        reason = decision.reason.value if decision.tag is None else f"near {decision.tag}"
        table.add_row(frame, time, reason, score, threshold)
    return table


def _changes(report: Report) -> Table:
    table = Table("scene change", "time", "kind", "distance", "threshold", "name")
    for change in report.changes:
        table.add_row(*_change(report, change))
    return table


def _conditions(report: Report) -> Table:
    table = Table("condition from", "time", "until the next")
    for turn in report.conditions:
        table.add_row(str(turn.frame), f"{turn.t_s:.2f} s", ", ".join(turn.conditions) or "none")
    return table


def _change(report: Report, change: SceneChange) -> tuple[str, ...]:
    start, end = report.frame_at(change.started_ns), report.frame_at(change.ended_ns)
    frames = str(start) if start == end else f"{start} to {end}"
    time = f"{change.started_ns / 1e9:.2f} s"
    distance = "" if change.distance is None else f"{change.distance:.3f}"
    threshold = f"{change.threshold:.3f}"
    return frames, time, change.kind, distance, threshold, change.label or ""


def _kept_rows(report: Report) -> list[Judged]:
    return [judged for judged in report.decisions if judged.decision.keep]
