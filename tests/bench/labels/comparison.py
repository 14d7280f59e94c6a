"""Average precision of every entrant, and what it gains on the best single detector."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.labels.accumulation import Averages, accumulated
from bench.labels.boxes import Boxes, Integers
from bench.labels.entrants import UNION, alone, committees, union
from bench.labels.evaluator import evaluated
from bench.labels.labelled import boxes_of
from bench.labels.members import Model
from bench.labels.photographs import Truth
from bench.labels.resampling import Interval, interval
from gleancam_engines.voting.committee import Committee
from gleancam_engines.voting.evidence import Evidence
from gleancam_engines.voting.label import Label


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
    """All entrants where members' boxes count from `confidence` on.

    Attributes:
        best: name of the best single detector on these images.
    """

    confidence: float
    best: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Entrant:
    boxes: Boxes
    milliseconds: float | None = None


def comparison(
    models: Sequence[Model],
    frames: Sequence[Sequence[Evidence]],
    truth: Truth,
    confidence: float,
    weights: Integers,
) -> Comparison:
    """Evaluate all entrants; `weights` are the resamples, `(B, I)`."""
    entrants = _singles(models, frames, truth, confidence)
    singles = tuple(entrants)
    entrants[UNION] = _Entrant(union(frames, truth, confidence))
    for name, committee in committees(models, confidence).items():
        entrants[name] = _voted(committee, frames, truth)
    figures = {name: _Figures.of(entrant, truth, weights) for name, entrant in entrants.items()}
    best = max(singles, key=lambda name: float(figures[name].once.ap[0]))
    rows = (_row(name, figures, best) for name in figures)
    return Comparison(confidence, best, tuple(rows))


@dataclass(frozen=True, slots=True, eq=False)
class _Figures:
    once: Averages
    drawn: Averages
    milliseconds: float | None

    @staticmethod
    def of(entrant: _Entrant, truth: Truth, weights: Integers) -> _Figures:
        matches = evaluated(truth.document, entrant.boxes)
        return _Figures(accumulated(matches), accumulated(matches, weights), entrant.milliseconds)


def _singles(
    models: Sequence[Model],
    frames: Sequence[Sequence[Evidence]],
    truth: Truth,
    confidence: float,
) -> dict[str, _Entrant]:
    return {
        model.name: _Entrant(alone([frame[at] for frame in frames], truth, confidence))
        for at, model in enumerate(models)
    }


def _voted(committee: Committee, frames: Sequence[Sequence[Evidence]], truth: Truth) -> _Entrant:
    labels: list[tuple[Label, ...]] = []
    taken = []
    for frame in frames:
        start = time.perf_counter()
        labels.append(committee.vote(frame).labels)
        taken.append(1e3 * (time.perf_counter() - start))
    return _Entrant(boxes_of(labels, truth), statistics.median(taken))


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
