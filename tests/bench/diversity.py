"""How much of what was kept says the same. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from bench.footage import Span
from bench.score import covered
from gleancam_engines.planes import Float32Array


def redundancy(rows: Float32Array, radius: float) -> float:
    """Share of `(N, D)` unit rows with another within a cosine distance of `radius`, 0…1."""
    if len(rows) < 2:
        return 0.0
    distances = 1 - rows @ rows.T
    np.fill_diagonal(distances, np.inf)
    return float((distances.min(axis=1) < radius).mean())


def names_covered(kept: Collection[int], spans: Iterable[Span]) -> int:
    """Count the distinct names whose spans hold a kept frame."""
    return len({span.name for span in spans if covered(kept, [span.stretch])})


def least_budget(curve: Iterable[tuple[int, float]], wanted: float) -> int | None:
    """Give the smallest budget at which `wanted` is reached; None when none is large enough."""
    return min((budget for budget, covered in curve if covered >= wanted), default=None)


def per_hour(count: int, seconds: float) -> float:
    """Give a count as a rate."""
    return count * 3600 / seconds
