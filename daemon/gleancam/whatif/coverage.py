"""How well what was kept stands for what was seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam.selectors.vectors import MAX_COSINE_DISTANCE
from gleancam_engines.planes import Float32Array

_BLOCK = 2048
"""Frames measured at once."""
NEVER = -1


@dataclass(frozen=True, slots=True)
class Coverage:
    """Distances between N frames and those kept of the same camera.

    Attributes:
        radius: cosine distance within which a kept frame stands for another.
        nearest: `(N,)` float32, cosine distance to the nearest kept one, 0…2; 2 without one.
        covered_by: `(N,)` int64, the first kept one within the radius; -1 for none.
        redundant: kept frames with another kept one within the radius.
    """

    radius: float
    nearest: Float32Array
    covered_by: npt.NDArray[np.int64]
    redundant: int

    @property
    def share(self) -> float:
        """Of the frames, those within the radius of a kept one, 0…1."""
        return float((self.covered_by != NEVER).mean())

    @property
    def farthest(self) -> float:
        """The covering radius, as of a k-center: no frame lies farther from a kept one."""
        return float(self.nearest.max())


def cover(
    embeddings: Float32Array, cameras: npt.NDArray[np.str_], kept: list[int], radius: float
) -> Coverage:
    """Measure what `kept` covers of `(N, D)` embeddings of norm 1; cameras are `(N,)` names."""
    count = len(embeddings)
    nearest = np.full(count, MAX_COSINE_DISTANCE, np.float32)
    covered_by = np.full(count, NEVER, np.int64)
    chosen = np.array(sorted(kept), np.int64)
    redundant = 0
    for camera in np.unique(cameras):
        rows, own = np.flatnonzero(cameras == camera), chosen[cameras[chosen] == camera]
        if not own.size:
            continue
        centres = embeddings[own]
        redundant += _redundant(centres, radius)
        for begin in range(0, rows.size, _BLOCK):
            block = rows[begin : begin + _BLOCK]
            distances = _distances(embeddings[block], centres)
            nearest[block] = distances.min(axis=1)
            near = distances < radius
            covered_by[block] = np.where(near.any(axis=1), own[near.argmax(axis=1)], NEVER)
    return Coverage(radius, nearest, covered_by, redundant)


def _distances(rows: Float32Array, centres: Float32Array) -> Float32Array:
    distances: Float32Array = np.clip(1 - rows @ centres.T, 0, MAX_COSINE_DISTANCE)
    return distances


def _redundant(centres: Float32Array, radius: float) -> int:
    count = 0
    for begin in range(0, len(centres), _BLOCK):
        distances = _distances(centres[begin : begin + _BLOCK], centres)
        own = np.arange(len(distances))
        distances[own, begin + own] = np.inf
        count += int((distances < radius).any(axis=1).sum())
    return count
