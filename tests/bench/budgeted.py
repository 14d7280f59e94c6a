"""Every method at the same number of kept frames, on one clip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import numpy as np

from bench.diversity import names_covered, redundancy
from bench.embeddings import VideoEmbeddings
from bench.features import Features
from bench.footage import Clip
from bench.methods import (
    above_threshold,
    distance_to_mean,
    distance_to_previous,
    every_nth,
    k_center,
    uniform,
)
from bench.score import kept_within
from gleancam.config.selection_keys import Novelty

PHASES = 8
DRAWS = 20
RADIUS = Novelty().threshold
"""Cosine distance under which two kept frames count as saying the same."""


@dataclass(frozen=True)
class Kept:
    """Means over the choices of one method.

    Attributes:
        frames: how many were kept.
        covered: distinct scenes or visits with a kept frame.
        redundancy: share of kept frames with another within `RADIUS`.
        repeats: kept frames of exact replays.
        idle: kept frames in which nothing happens.
        within: share of kept frames that lie in what should be covered.
    """

    frames: float
    covered: float
    redundancy: float
    repeats: float
    idle: float
    within: float


def baselines(
    seen: Features, embeddings: VideoEmbeddings, budget: int
) -> dict[str, list[list[int]]]:
    """Choose `budget` of the sampled frames in every way."""
    rows = embeddings.rows(list(seen.sampled))
    count = len(rows)
    positions = {
        "every N s": [every_nth(count, budget, phase / PHASES) for phase in range(PHASES)],
        "uniform random": [uniform(count, budget, seed) for seed in range(DRAWS)],
        "cosine to previous": [above_threshold(distance_to_previous(rows), budget)],
        "cosine to mean of 10": [above_threshold(distance_to_mean(rows), budget)],
        "MOG2 foreground": [above_threshold(seen.foreground, budget)],
        "k-center (offline)": [k_center(rows, budget)],
    }
    return {
        name: [[int(seen.sampled[at]) for at in choice] for choice in choices]
        for name, choices in positions.items()
    }


def score(clip: Clip, choices: Iterable[Sequence[int]], embeddings: VideoEmbeddings) -> Kept:
    """Hold the choices of one method against the clip's ground truth."""
    each = [_score(clip, choice, embeddings) for choice in choices]
    return Kept(*(float(column) for column in np.mean([astuple(one) for one in each], axis=0)))


def _score(clip: Clip, kept: Sequence[int], embeddings: VideoEmbeddings) -> Kept:
    inside = kept_within(kept, [span.stretch for span in clip.spans])
    return Kept(
        frames=len(kept),
        covered=names_covered(kept, clip.spans),
        redundancy=redundancy(embeddings.rows(kept), RADIUS) if kept else 0.0,
        repeats=len(kept_within(kept, clip.repeats)),
        idle=len(kept_within(kept, clip.idle)),
        within=len(inside) / len(kept) if kept else 0.0,
    )
