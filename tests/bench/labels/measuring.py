"""From photographs and models to the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.labels.boxes import Integers
from bench.labels.comparison import comparison
from bench.labels.entrants import DEFAULT, UNION
from bench.labels.fakebbox import averages
from bench.labels.fits import WAYS
from bench.labels.labelled import labelled
from bench.labels.members import Model
from bench.labels.photographs import Truth
from bench.labels.recall import EqualRecall, curve_of, equal_recall
from bench.labels.resampling import resamples
from bench.labels.result import Detected, Result
from bench.labels.seeing import milliseconds, seen
from bench.labels.settings import RAW, SETTINGS, USUAL, Setting
from bench.labels.trust import Trust, trust
from bench.labels.votes import Entrant, Frames, singles, together

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
    rounds = {setting: _round(models, frames, truth, setting) for setting in SETTINGS}
    weights = resamples(len(frames))
    names = [model.name for model in models]
    compared = [comparison(one, names, truth, at, weights) for at, one in rounds.items()]
    return Result(
        photographs=len(frames),
        objects=truth.objects,
        fakebbox=_fakebbox(detections),
        detectors={
            model.name: Detected(model.published, taken[model.name], sum(map(len, look)))
            for model, look in zip(models, looks, strict=True)
        },
        comparisons=tuple(compared),
        trusts=tuple(_trust(one, at, truth, weights) for at, one in rounds.items()),
        equal_recall=tuple(_equal_recall(rounds[RAW], rounds[USUAL], compared[0].best, truth)),
    )


def _round(models: Sequence[Model], frames: Frames, truth: Truth, setting: Setting) -> Entrants:
    alone = singles(models, frames, truth, setting)
    return {**alone, **together(models, frames, truth, setting)}


def _trust(entrants: Entrants, setting: Setting, truth: Truth, weights: Integers) -> Trust:
    labels = labelled(entrants[DEFAULT].labels, truth)
    return trust(labels, setting, WAYS, weights)


def _equal_recall(raw: Entrants, usual: Entrants, best: str, truth: Truth) -> list[EqualRecall]:
    """Hold labels made at the device's default against the curves over all raw boxes."""
    boxes = {name: one.boxes for name, one in usual.items() if one.labels or name == UNION}
    single, fused = (curve_of(raw[name].boxes, truth) for name in (best, DEFAULT))
    return equal_recall(boxes, single, fused, truth)


def _fakebbox(detections: Path) -> tuple[float, ...]:
    if not detections.is_dir():
        return ()
    found = averages(detections)
    return tuple(float(each[0]) for each in (found.ap, found.ap50, found.ap75, found.ar))
