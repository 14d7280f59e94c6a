"""How an export looks to a person: while it goes on, and at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gleancam_upstream.exporting.export_report import ExportReport

SHOWN = 20


@contextmanager
def shown_progress() -> Iterator[Callable[[str, int], Callable[[], None]]]:
    """Give what begins a step: a bar on stderr, which goes at the end."""
    with Progress(console=Console(stderr=True), transient=True) as progress:

        def begin(step: str, total: int) -> Callable[[], None]:
            task = progress.add_task(step, total=total)
            return lambda: progress.advance(task)

        yield begin


def print_export(console: Console, report: ExportReport) -> None:
    """Print what was written, what was lost, what was left out, and what to do next."""
    console.print(_contents(report))
    console.print(_losses(report) if report.losses else "Nothing was lost.")
    for reason, count in report.left_out.items():
        console.print(f"left out: {count} labels, {reason}", highlight=False)
    for problem in report.problems[:SHOWN]:
        console.print(f"not exported: {problem}", markup=False, highlight=False)
    if more := len(report.problems) - SHOWN:
        console.print(f"… and {more} more, in the report", highlight=False) if more > 0 else None
    for line in report.advice:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _contents(report: ExportReport) -> Table:
    result = Table(title=f"Export: {report.format}, {len(report.classes)} classes")
    result.add_column("split")
    for name in ("pictures", "labels", "empty", "scenes"):
        result.add_column(name, justify="right")
    for name, one in report.splits.items():
        numbers = (one.pictures, one.labels, one.empty, one.scenes)
        result.add_row(name, *(f"{number:,}" for number in numbers))
    return result


def _losses(report: ExportReport) -> Table:
    result = Table(title=f"What {report.format} does not carry")
    result.add_column("what")
    result.add_column("lost", justify="right")
    result.add_column("of")
    result.add_column("how far")
    for loss in report.losses:
        of = f"{loss.total:,} {loss.of}" if loss.total else loss.of
        result.add_row(loss.what.replace("_", " "), f"{loss.lost:,}", of, loss.detail)
    return result
