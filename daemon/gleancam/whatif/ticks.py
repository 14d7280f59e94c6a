"""Round numbers for the axes of a plot."""

from __future__ import annotations

import math
from dataclasses import dataclass

_STEPS = (1, 2, 5, 10)
_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_HOURS = (1, 2, 3, 6, 12, 24, 48, 96, 168)
_UNITS = ((180.0, 1.0, "s"), (3 * 3600.0, 60.0, "min"), (96 * 3600.0, 3600.0, "h"))
_DAY = (86_400.0, "days")


@dataclass(frozen=True, slots=True)
class TimeScale:
    """Ticks of an axis of time.

    Attributes:
        unit: that the labels are in.
        ticks: seconds and label of each.
    """

    unit: str
    ticks: tuple[tuple[float, str], ...]


def rounded(highest: float, most: int) -> tuple[float, ...]:
    """At most `most` steps of 1, 2 or 5 times a power of ten, from 0 to at least `highest`."""
    if highest <= 0:
        return (0.0, 1.0)
    power = 10.0 ** math.floor(math.log10(highest / most))
    step = next(power * each for each in _STEPS if power * each * most >= highest * (1 - 1e-9))
    return tuple(step * index for index in range(math.ceil(highest / step - 1e-9) + 1))


def time_scale(span_s: float, most: int) -> TimeScale:
    """At most `most` round times from 0 to `span_s`, in the unit that fits."""
    size_s, unit = next(((size, unit) for upto, size, unit in _UNITS if span_s < upto), _DAY)
    steps = (*_SECONDS, *(3600 * each for each in _HOURS))
    fitting = (step for step in steps if step >= size_s / 4 and span_s / step <= most)
    step = next(fitting, 86_400.0 * math.ceil(span_s / most / 86_400))
    ticks = (step * index for index in range(int(span_s / step) + 1))
    return TimeScale(unit, tuple((tick, f"{tick / size_s:g}") for tick in ticks))


def label(value: float) -> str:
    """Give a tick's number without superfluous digits."""
    return f"{value:,.10g}"
