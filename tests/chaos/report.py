"""The table, and the same for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chaos.running import Outcome

HEAD = (
    "| scenario | runs | struck | kept | delivered | duplicates removed | evicted | expired | dead "
    "| still waiting | violations | s |\n|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def line(outcome: Outcome) -> str:
    """Return one line of the Markdown table; kept and on are parcels: samples and events."""
    cells = (
        outcome.scenario,
        outcome.runs,
        f"{outcome.struck} {outcome.unit}",
        outcome.kept,
        outcome.delivered,
        outcome.duplicates,
        outcome.lost["evicted"],
        outcome.lost["expired"],
        outcome.dead,
        outcome.waiting,
        len(outcome.violations),
        f"{outcome.seconds:.0f}",
    )
    return f"| {' | '.join(map(str, cells))} |"


def document(outcomes: Sequence[Outcome], seed: int) -> dict[str, Any]:
    """Return everything as plain JSON types."""
    return {"seed": seed, "scenarios": [vars(outcome) for outcome in outcomes]}
