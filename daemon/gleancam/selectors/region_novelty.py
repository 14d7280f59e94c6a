"""How much of a picture's small parts is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gleancam.selectors.observation import Observation
from gleancam.selectors.past import Past
from gleancam.selectors.vectors import MAX_COSINE_DISTANCE
from gleancam.types import Box
from gleancam_engines.planes import Float32Array


@dataclass(frozen=True, slots=True)
class RegionLikeness:
    """How unlike anything remembered the regions of a frame are.

    Attributes:
        score: a cosine distance of whole frames; 0 without regions.
        newest: where the region is that is least like anything remembered; None without regions.
    """

    score: float
    newest: Box | None


class RegionJudge(Protocol):
    """What novelty asks about the parts of a frame."""

    def look(self, observation: Observation) -> RegionLikeness:
        """Compare a frame's regions with all that is remembered; changes nothing."""

    def learn(self, observation: Observation, kept_id: str | None, *, passed_over: bool) -> None:
        """Remember a frame's regions, and whether it was kept."""


class RegionNovelty:
    """Scores a frame by its regions: as many times `worth` as it shows new things.

    A region counts in full when its own novelty is at least the regions' threshold τ, not at all
    up to τ/2, in proportion between; of two that resemble each other in one frame, one counts. So
    one new region makes a frame novel, and under a budget a frame with many goes first. It is the
    greedy step of covering as many distinct regions as possible with few frames, which comes within
    1 - 1/e of the best choice of frames (Nemhauser, Wolsey and Fisher, 1978).

    Args:
        past: what is remembered of regions; its threshold is τ.
        worth: what one new region is worth, a cosine distance of whole frames.
    """

    def __init__(self, past: Past, worth: float) -> None:
        self._past = past
        self._worth = worth

    def look(self, observation: Observation) -> RegionLikeness:
        """Compare a frame's regions with all that is remembered; changes nothing."""
        regions = observation.regions
        if not regions:
            return RegionLikeness(0.0, None)
        scores = np.array([self._past.look(region.seen).score for region in regions], np.float32)
        order = np.argsort(-scores, kind="stable")
        rows = np.stack([regions[at].seen.embedding for at in order])
        distinct = np.minimum(scores[order], _to_those_before(rows))
        parts = np.clip(2 * distinct / self._past.threshold - 1, 0, 1)
        score = min(self._worth * float(parts.sum()), MAX_COSINE_DISTANCE)
        return RegionLikeness(score, regions[order[0]].box)

    def learn(self, observation: Observation, kept_id: str | None, *, passed_over: bool) -> None:
        """Remember a frame's regions, and whether it was kept."""
        for region in observation.regions:
            self._past.learn(region.seen, kept_id, passed_over=passed_over)


def _to_those_before(rows: Float32Array) -> Float32Array:
    """Cosine distance of each of `(N, D)` unit rows to the nearest one before it; 2 for the first.

    Returns:
        `(N,)` float32.
    """
    distances = np.clip(1 - rows @ rows.T, 0, MAX_COSINE_DISTANCE)
    distances[np.triu_indices(len(rows))] = MAX_COSINE_DISTANCE
    return np.asarray(distances.min(axis=1), np.float32)
