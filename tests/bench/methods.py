"""Ways of choosing a given number of frames. Pure; what is chosen are positions in the input."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam_engines.planes import Float32Array

FloatArray = npt.NDArray[np.floating]


def every_nth(count: int, budget: int, phase: float) -> list[int]:
    """Take one frame in each of `budget` equal parts, `phase` (0…1) of the way into it."""
    parts = min(budget, count)
    return [int((part + phase) * count / parts) for part in range(parts)]


def uniform(count: int, budget: int, seed: int) -> list[int]:
    """Draw without replacement."""
    generator = np.random.default_rng(seed)
    return sorted(int(at) for at in generator.choice(count, min(budget, count), replace=False))


def above_threshold(scores: FloatArray, budget: int) -> list[int]:
    """Keep what scores at least as much as the threshold that keeps `budget` frames.

    That threshold is the `budget`-th largest score, where bisection ends. Of equal scores at the
    threshold the earlier frames are kept, so that no method gets more than its budget.
    """
    order = np.argsort(-scores, kind="stable")
    return sorted(int(at) for at in order[:budget])


def distance_to_previous(rows: Float32Array) -> FloatArray:
    """Cosine distance of each of `(N, D)` unit rows to the one before; infinite for the first."""
    return np.concatenate([[np.inf], 1 - (rows[1:] * rows[:-1]).sum(axis=1)])


def distance_to_mean(rows: Float32Array, last: int = 10) -> FloatArray:
    """Cosine distance of each row to the mean of the `last` rows before it; infinite at first."""
    sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=float)])
    ends = np.arange(1, len(rows))
    means = sums[ends] - sums[np.maximum(ends - last, 0)]
    cosines = (rows[1:] * means).sum(axis=1) / np.linalg.norm(means, axis=1)
    return np.concatenate([[np.inf], 1 - cosines])


def k_center(rows: Float32Array, budget: int) -> list[int]:
    """Choose the first row, then again and again the row farthest from all chosen.

    Sees the whole video; within twice the least covering radius, in chords (Gonzalez 1985). In
    the order of choice, so that the first `b` are the choice for a budget of `b`.
    """
    chosen: list[int] = []
    nearest = np.full(len(rows), np.inf, np.float32)
    while len(chosen) < min(budget, len(rows)):
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, 1 - rows @ rows[chosen[-1]])
        nearest[chosen] = -np.inf  # equal pictures are still different frames
    return chosen
