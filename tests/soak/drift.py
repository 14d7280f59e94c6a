"""The trend of a reading, robust against spikes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median


@dataclass(frozen=True, slots=True)
class Drift:
    """What one reading did over a run; medians in its own unit.

    Attributes:
        per_hour: slope of the second half of the run: caches fill in the first.
        per_hour_whole: slope of the whole run.
        first: median of the first quarter.
        last: median of the last quarter.
    """

    per_hour: float
    per_hour_whole: float
    first: float
    last: float


def theil_sen(times: Sequence[float], values: Sequence[float]) -> float:
    """Return the median of the slopes between all pairs (Theil 1950, Sen 1968); 0 below two times.

    Up to 29 % of the values may be anything.
    """
    points = list(zip(times, values, strict=True))
    slopes = [(v2 - v1) / (t2 - t1) for (t1, v1), (t2, v2) in combinations(points, 2) if t1 != t2]
    return median(slopes) if slopes else 0.0


def drift(times_s: Sequence[float], values: Sequence[float]) -> Drift:
    """Sum a reading up; there must be at least four values."""
    hours = [time_s / 3600 for time_s in times_s]
    half, quarter = len(values) // 2, len(values) // 4
    return Drift(
        per_hour=theil_sen(hours[half:], values[half:]),
        per_hour_whole=theil_sen(hours, values),
        first=median(values[:quarter]),
        last=median(values[-quarter:]),
    )
