"""Average precision of every entrant, and what it gains on the best single detector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.labels.accumulation import Averages, accumulated
from bench.labels.boxes import Integers
from bench.labels.evaluator import evaluated
from bench.labels.photographs import Truth
from bench.labels.resampling import Interval, interval
from bench.labels.settings import Setting
from bench.labels.votes import Entrant


@dataclass(frozen=True, slots=True)
class Row:
    """One entrant's figures, 0…1.

    Attributes:
        ap: with its interval over resampled images.
        gain: AP above that of the best single detector on the same resamples; None: it is that.
        milliseconds: median of the vote on one image; None: no vote.
    """

    name: str
    ap: Interval
    ap50: float
    ap75: float
    ar: float
    gain: Interval | None
    milliseconds: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """All entrants in one setting.

    Attributes:
        best: name of the best single detector on these images.
    """

    setting: Setting
    best: str
    rows: tuple[Row, ...]


def comparison(
    entrants: Mapping[str, Entrant],
    singles: Sequence[str],
    truth: Truth,
    setting: Setting,
    weights: Integers,
) -> Comparison:
    """Evaluate all entrants; `weights` are the resamples, `(B, I)`."""
    figures = {name: _Figures.of(entrant, truth, weights) for name, entrant in entrants.items()}
    best = max(singles, key=lambda name: float(figures[name].once.ap[0]))
    rows = (_row(name, figures, best) for name in figures)
    return Comparison(setting, best, tuple(rows))


@dataclass(frozen=True, slots=True, eq=False)
class _Figures:
    once: Averages
    drawn: Averages
    milliseconds: float | None

    @staticmethod
    def of(entrant: Entrant, truth: Truth, weights: Integers) -> _Figures:
        matches = evaluated(truth.document, entrant.boxes)
        return _Figures(accumulated(matches), accumulated(matches, weights), entrant.milliseconds)


def _row(name: str, figures: Mapping[str, _Figures], best: str) -> Row:
    mine, theirs = figures[name], figures[best]
    once, value = mine.once, float(mine.once.ap[0])
    gain = interval(value - float(theirs.once.ap[0]), mine.drawn.ap - theirs.drawn.ap)
    return Row(
        name,
        interval(value, mine.drawn.ap),
        float(once.ap50[0]),
        float(once.ap75[0]),
        float(once.ar[0]),
        None if name == best else gain,
        mine.milliseconds,
    )
