"""How a run looks to a person at its end: a table."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from gleancam_upstream.counts import KINDS, Counts

_COLUMNS = ("messages", "bytes", "valid", "invalid", "duplicates")


def table(counts: Counts) -> Table:
    """Return the table of messages by kind."""
    result = Table(title="Messages")
    result.add_column("kind")
    for name in _COLUMNS:
        result.add_column(name, justify="right")
    for kind in KINDS:
        if counts.messages[kind]:
            numbers = (counts.messages, counts.payload_bytes, counts.valid, counts.invalid)
            cells = [f"{one[kind]:,}" for one in (*numbers, counts.duplicates)]
            result.add_row(kind.replace("_", " "), *cells)
    return result


def print_report(console: Console, counts: Counts) -> None:
    """Print the table, what was wrong, and what stayed half."""
    console.print(table(counts))
    console.print(f"acknowledged {counts.acknowledged}, rejected {counts.rejected}")
    if counts.waiting_images or counts.waiting_manifests:
        console.print(
            f"incomplete: {counts.waiting_manifests} manifests without image, "
            f"{counts.waiting_images} images without manifest"
        )
    for problem in counts.problems:
        console.print(f"invalid {problem}", markup=False, highlight=False)
