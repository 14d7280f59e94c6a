"""The results as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.labels.comparison import Comparison, Row
from bench.labels.entrants import DEFAULT
from bench.labels.prose import (
    ALONE,
    AVERAGES,
    BACKING,
    CALIBRATION,
    DOUBTS,
    EQUAL,
    EVALUATOR,
    HEAD,
    JUDGED,
    PRECISION,
    SURE,
)
from bench.labels.reliability import REPEATS
from bench.labels.resampling import RESAMPLES, Interval
from bench.labels.result import Result
from bench.labels.trust import Spread, Trust

Cells = Sequence[str]


def page(result: Result) -> str:
    """Give the whole page."""
    raw, usual, backed = result.comparisons
    counts = {"photographs": result.photographs, "objects": result.objects}
    parts = [
        HEAD.format(**counts, resamples=RESAMPLES),
        JUDGED,
        _judged(result),
        _evaluator(result),
        ALONE,
        _alone(result),
        AVERAGES.format(best=raw.best),
        _averages(raw),
        SURE.format(best=usual.best),
        _averages(usual),
        BACKING,
        _averages(backed),
        EQUAL.format(best=raw.best),
        _equal(result),
        DOUBTS,
        _doubts(result.trusts),
        CALIBRATION.format(repeats=REPEATS),
        _calibration(result.trusts),
        PRECISION,
        _above(result.trusts),
        _between(result.trusts),
        "",
    ]
    return "\n\n".join(parts)


def row_of(comparison: Comparison, name: str) -> Row:
    """Return the row of that name."""
    return next(row for row in comparison.rows if row.name == name)


def _judged(result: Result) -> str:
    rows = [["", *(one.setting.name for one in result.comparisons)]]
    gains = [row_of(one, DEFAULT).gain for one in result.comparisons]
    rows.append(["AP of the default above the best detector's", *map(_gain, gains)])
    rows.append(["`risk`, AUROC", *(_interval(one.auroc["risk"]) for one in result.trusts)])
    for way in ("one temperature", "the likelier of both"):
        errors = [one.calibrated[way].pooled.mean for one in result.trusts]
        rows.append([f"ECE by cross-validation, {way}", *(f"{one:.3f}" for one in errors)])
    above = [one.above[0.8][1] for one in result.trusts]
    rows.append(["right at a fused score of .8 and more", *map(_interval, above)])
    return _table(rows[0], rows[1:])


def _evaluator(result: Result) -> str:
    if not result.fakebbox:
        return "pycocotools' own example is not there."
    return EVALUATOR.format(*result.fakebbox)


def _alone(result: Result) -> str:
    rows = (
        [name, f"{100 * one.published:.1f}", f"{one.milliseconds:.1f}", str(one.raw_boxes)]
        for name, one in result.detectors.items()
    )
    return _table(["", "published AP", "ms an image", "raw boxes"], rows)


def _averages(comparison: Comparison) -> str:
    head = ["", "AP", "AP50", "AP75", "AR", "gain on the best", "P(gain ≤ 0)", "ms of the vote"]
    return _table(head, map(_average, comparison.rows))


def _average(row: Row) -> Cells:
    return [
        f"**{row.name}**" if row.name == DEFAULT else row.name,
        _percent_interval(row.ap),
        *(f"{100 * one:.1f}" for one in (row.ap50, row.ap75, row.ar)),
        "the best" if row.gain is None else _gain(row.gain),
        "" if row.gain is None else f"{row.gain.not_above_zero:.3f}",
        "" if row.milliseconds is None else f"{row.milliseconds:.1f}",
    ]


def _equal(result: Result) -> str:
    rows = (
        [
            one.name,
            str(one.labels),
            f"{one.recall:.3f}",
            f"{one.precision:.3f}",
            *("never there" if each is None else f"{each:.3f}" for each in (one.single, one.fused)),
        ]
        for one in result.equal_recall
    )
    return _table(
        ["", "labels", "recall", "precision", "the best detector's", "the default's"], rows
    )


def _doubts(trusts: Sequence[Trust]) -> str:
    head = ["", *(one.setting.name for one in trusts)]
    rows = [
        [f"`{name}`", *(_interval(one.auroc[name]) for one in trusts)] for name in trusts[0].auroc
    ]
    rows.append(["labels, wrong ones", *(f"{one.labels}, {one.wrong}" for one in trusts)])
    return _table(head, rows)


def _calibration(trusts: Sequence[Trust]) -> str:
    head = ["", *(f"{one.setting.name}: {part}" for one in trusts for part in ("pooled", "half"))]
    rows = [["as it is", *(cell for one in trusts for cell in (f"{one.error:.3f}", ""))]]
    for way in trusts[0].calibrated:
        found = [one.calibrated[way] for one in trusts]
        spreads = [spread for one in found for spread in (one.pooled, one.half)]
        rows.append(
            [way, *(f"{one.mean:.3f} ({one.low:.3f} to {one.high:.3f})" for one in spreads)]
        )
    temperatures = [f"{one.calibrated['one temperature'].temperature:.2f}" for one in trusts]
    rows.append(["the temperature", *(cell for one in temperatures for cell in (one, ""))])
    return _table(head, rows)


def _above(trusts: Sequence[Trust]) -> str:
    head = ["fused score", *(one.setting.name for one in trusts)]
    rows = [
        [
            f"≥ {least:g}",
            *(f"{_interval(one.above[least][1])} of {one.above[least][0].count}" for one in trusts),
        ]
        for least in trusts[0].above
    ]
    return _table(head, rows)


def _between(trusts: Sequence[Trust]) -> str:
    count = len(trusts[0].between)
    head = ["right", *(f"{at / count:g} to {(at + 1) / count:g}" for at in range(count))]
    rows = (
        [
            one.setting.name,
            *(
                "" if not part.count else f"{part.right:.2f} of {part.count}"
                for part in one.between
            ),
        ]
        for one in trusts
    )
    return _table(head, rows)


def _spread(one: Spread) -> str:
    return f"{one.mean:.3f} ({one.low:.3f} to {one.high:.3f})"


def _interval(one: Interval) -> str:
    return f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"


def _percent_interval(one: Interval) -> str:
    return f"{100 * one.value:.1f} ({100 * one.low:.1f} to {100 * one.high:.1f})"


def _gain(one: Interval | None) -> str:
    if one is None:
        return "none"
    mean, low, high = (100 * each for each in (one.mean, one.low, one.high))
    return f"{100 * one.value:+.1f}, mean {mean:+.1f} ({low:+.1f} to {high:+.1f})"


def _table(head: Cells, rows: Iterable[Cells]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
