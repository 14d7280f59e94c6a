"""What a person sees of a log's replay and of a comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from gleancam.whatif.agreement import MEANING, Agreement
from gleancam.whatif.comparison import Comparison, Side
from gleancam.whatif.rerun import Rerun


def show_rerun(rerun: Rerun, then: Agreement | None, threshold: float | None) -> None:
    """Print the totals of one policy, and how they differ from what was decided then."""
    console = Console()
    console.print(_totals(rerun, threshold))
    if then is not None:
        console.print(_agreement(then))


def show_comparison(comparison: Comparison) -> None:
    """Print two policies side by side."""
    first, second = comparison.sides
    table = Table("", first.name, second.name)
    for name, *values in _rows(comparison):
        table.add_row(name, *values)
    Console().print(table)


def _totals(rerun: Rerun, threshold: float | None) -> Table:
    table = Table(rerun.policy.name, "now", "then")
    table.add_row("frames", str(len(rerun.frames)), str(len(rerun.frames)))
    if threshold is not None:
        table.add_row("novelty.threshold found", f"{threshold:.4f}", "")
    now = Counter((each.keep, each.reason.value) for each in rerun.decisions)
    then = Counter((each.decision.keep, each.decision.reason.value) for each in rerun.frames)
    for keep, reason in sorted(set(now) | set(then), reverse=True):
        name = f"{'kept' if keep else 'not kept'}: {reason}"
        table.add_row(name, str(now[keep, reason]), str(then[keep, reason]))
    sent = sum(rerun.wire_bytes[index] for index in rerun.kept)
    table.add_row(f"bytes ({rerun.guessed} samples guessed)", megabytes(sent), "")
    return table


def _agreement(then: Agreement) -> Table:
    table = Table("decided as then", f"{then.share:.2%}", title_justify="left")
    for (why, logged, now), count in then.kinds.items():
        table.add_row(f"{logged} then, {now} now: {MEANING[why]}", str(count))
    return table


def _rows(comparison: Comparison) -> list[tuple[str, ...]]:
    a, b = comparison.sides
    rows: list[tuple[str, ...]] = [
        _row("frames seen", a, b, _pictures),
        _row("frames embedded", a, b, lambda side: str(len(side.rerun.frames))),
        _row("kept", a, b, lambda side: str(len(side.kept))),
    ]
    rows += [
        (f"kept: {reason}", *(str(side.by_reason.get(reason, 0)) for side in (a, b)))
        for reason in sorted(a.by_reason | b.by_reason)
    ]
    both = comparison.both
    rows += [
        ("kept by both", str(both), str(both)),
        _row("kept by this alone", a, b, lambda side: str(len(side.kept) - both)),
        _row("bytes", a, b, _bytes),
        _row("of its budgets", a, b, _budgets),
    ]
    if a.threshold is not None or b.threshold is not None:
        rows.append(_row("novelty.threshold found", a, b, _threshold))
    radius = a.coverage.radius
    rows += [
        _row(
            f"coverage: frames within {radius:g}", a, b, lambda side: f"{side.coverage.share:.2%}"
        ),
        _row("covering radius", a, b, lambda side: f"{side.coverage.farthest:.3f}"),
        _row(f"redundancy: kept within {radius:g}", a, b, lambda side: f"{side.redundancy:.1%}"),
    ]
    return rows


def _row(name: str, a: Side, b: Side, value: Callable[[Side], str]) -> tuple[str, str, str]:
    return name, value(a), value(b)


def _pictures(side: Side) -> str:
    return "not logged" if side.pictures is None else str(side.pictures)


def _bytes(side: Side) -> str:
    guessed = side.rerun.guessed
    return megabytes(sum(side.wire_bytes)) + (f", {guessed} samples guessed" if guessed else "")


def _budgets(side: Side) -> str:
    shares = (f"{each.share:.0%} of {each.text} ({each.account})" for each in side.allowances)
    return "\n".join(shares) or "none"


def _threshold(side: Side) -> str:
    return "" if side.threshold is None else f"{side.threshold:.4f}"


def megabytes(count: float) -> str:
    """Give bytes as a person reads them."""
    return f"{count / 1e6:.2f} MB"
