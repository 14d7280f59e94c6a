"""From photographs and models to the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.labels.boxes import Integers
from bench.labels.comparison import Comparison, comparison
from bench.labels.entrants import DEFAULT
from bench.labels.fakebbox import averages
from bench.labels.fits import WAYS
from bench.labels.labelled import labelled
from bench.labels.members import RAW_CONFIDENCE, Model
from bench.labels.photographs import Truth
from bench.labels.recall import EqualRecall, curve_of, equal_recall
from bench.labels.resampling import resamples
from bench.labels.result import Detected, Result
from bench.labels.seeing import milliseconds, seen
from bench.labels.trust import Trust, trust
from bench.labels.votes import Entrant, Frames, singles, together

CONFIDENCES = (RAW_CONFIDENCE, 0.3)
"""Of members' boxes: all that the device keeps, and those that count by default."""

Entrants = Mapping[str, Entrant]


def measured(
    models: Sequence[Model], truth: Truth, detections: Path, tick: Callable[[str], None]
) -> Result:
    """Measure everything; `detections` is the folder of pycocotools' example."""
    looks = [seen(model, truth.photographs, lambda: tick("looking")) for model in models]
    frames = list(zip(*looks, strict=True))
    tick("timing the detectors")
    taken = milliseconds(models, truth.photographs)
    tick("voting and evaluating")
    rounds = [_round(models, frames, truth, confidence) for confidence in CONFIDENCES]
    weights = resamples(len(frames))
    compared = [_compared(models, *one, truth, weights) for one in rounds]
    return Result(
        photographs=len(frames),
        objects=truth.objects,
        fakebbox=_fakebbox(detections),
        detectors={
            model.name: Detected(model.published, taken[model.name], sum(map(len, look)))
            for model, look in zip(models, looks, strict=True)
        },
        comparisons=tuple(compared),
        trusts=tuple(_trust(entrants, at, truth, weights) for at, entrants in rounds),
        equal_recall=tuple(_equal_recall(rounds, compared[0].best, models, truth)),
    )


def _round(
    models: Sequence[Model], frames: Frames, truth: Truth, confidence: float
) -> tuple[float, Entrants]:
    alone = singles(models, frames, truth, confidence)
    return confidence, {**alone, **together(models, frames, truth, confidence)}


def _compared(
    models: Sequence[Model], at: float, entrants: Entrants, truth: Truth, weights: Integers
) -> Comparison:
    return comparison(entrants, [model.name for model in models], truth, at, weights)


def _trust(entrants: Entrants, confidence: float, truth: Truth, weights: Integers) -> Trust:
    labels = labelled(entrants[DEFAULT].labels, truth)
    return trust(labels, confidence, WAYS, weights)


def _equal_recall(
    rounds: Sequence[tuple[float, Entrants]], best: str, models: Sequence[Model], truth: Truth
) -> list[EqualRecall]:
    """Hold labels made at the device's default against the curves over all raw boxes."""
    raw, usual = (entrants for _, entrants in rounds)
    names = {model.name for model in models}
    boxes = {name: one.boxes for name, one in usual.items() if name not in names}
    single, fused = (curve_of(raw[name].boxes, truth) for name in (best, DEFAULT))
    return equal_recall(boxes, single, fused, truth)


def _fakebbox(detections: Path) -> tuple[float, ...]:
    if not detections.is_dir():
        return ()
    found = averages(detections)
    return tuple(float(each[0]) for each in (found.ap, found.ap50, found.ap75, found.ar))
