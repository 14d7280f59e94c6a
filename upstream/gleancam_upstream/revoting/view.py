"""How a vote that was taken again looks to a person."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from gleancam_upstream.revoting.checking import Check
from gleancam_upstream.revoting.revoting import Tally

SHOWN = 20


def print_tally(console: Console, tally: Tally) -> None:
    """Print labels by class, before and after, and what could not be voted on."""
    table = Table(title="Labels")
    table.add_column("class")
    for name in ("before", "after"):
        table.add_column(name, justify="right")
    for name in sorted(tally.before | tally.after):
        table.add_row(name, f"{tally.before[name]:,}", f"{tally.after[name]:,}")
    table.add_section()
    table.add_row("all", f"{tally.before.total():,}", f"{tally.after.total():,}")
    console.print(table)
    console.print(f"{tally.changed:,} of {tally.samples:,} samples have other labels")
    _print_reviewed(console, tally.reviewed)
    _print_problems(console, tally.problems)


def print_check(console: Console, found: Check) -> None:
    """Print whether all is as the device said, and the first sample that is not."""
    if found.differences:
        console.print(f"{len(found.differences):,} of {found.samples:,} samples differ; the first:")
        console.print(found.differences[0], markup=False, highlight=False, soft_wrap=True)
    else:
        console.print(
            f"{found.labels:,} labels of {found.samples:,} samples are byte for byte what a vote "
            "on their evidence gives"
        )
    _print_reviewed(console, found.reviewed)
    _print_problems(console, found.problems)


def _print_reviewed(console: Console, reviewed: int) -> None:
    if reviewed:
        console.print(f"{reviewed:,} samples have reviewed labels and stay as they are")


def _print_problems(console: Console, problems: list[str]) -> None:
    for problem in problems[:SHOWN]:
        console.print(f"no vote: {problem}", markup=False, highlight=False, soft_wrap=True)
    if len(problems) > SHOWN:
        console.print(f"… and on {len(problems) - SHOWN} more")
