"""What every entrant says about every photograph, and how long the vote takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bench.labels.boxes import Boxes
from bench.labels.entrants import UNION, alone, committees, union
from bench.labels.labelled import boxes_of
from bench.labels.members import Model
from bench.labels.photographs import Truth
from bench.labels.settings import Setting
from gleancam_engines.voting.committee import Committee
from gleancam_engines.voting.evidence import Evidence
from gleancam_engines.voting.label import Label

Frames: TypeAlias = Sequence[Sequence[Evidence]]
"""For each photograph what every detector saw in it."""


@dataclass(frozen=True, slots=True, eq=False)
class Entrant:
    """One entrant's answer.

    Attributes:
        labels: of each photograph; empty where it is no vote.
        milliseconds: median of a vote; None where it is none.
    """

    boxes: Boxes
    labels: tuple[tuple[Label, ...], ...] = ()
    milliseconds: float | None = None


def singles(
    models: Sequence[Model], frames: Frames, truth: Truth, setting: Setting
) -> dict[str, Entrant]:
    """Return what each detector says by itself."""
    return {
        model.name: Entrant(alone([frame[at] for frame in frames], truth, setting.labels))
        for at, model in enumerate(models)
    }


def together(
    models: Sequence[Model], frames: Frames, truth: Truth, setting: Setting
) -> Mapping[str, Entrant]:
    """Return what every way of joining them says."""
    return {UNION: Entrant(union(frames, truth, setting.labels))} | {
        name: _voted(committee, frames, truth)
        for name, committee in committees(models, setting).items()
    }


def _voted(committee: Committee, frames: Frames, truth: Truth) -> Entrant:
    labels: list[tuple[Label, ...]] = []
    taken = []
    for frame, photograph in zip(frames, truth.photographs, strict=True):
        start = time.perf_counter()
        verdict = committee.vote(frame, (photograph.width, photograph.height))
        taken.append(1e3 * (time.perf_counter() - start))
        labels.append(verdict.labels)
    return Entrant(boxes_of(labels, truth), tuple(labels), statistics.median(taken))
