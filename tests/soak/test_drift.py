from __future__ import annotations

import random

import pytest

from soak.drift import drift, theil_sen


def test_the_slope_of_a_line_is_its_slope() -> None:
    assert theil_sen([0, 1, 4], [7, 9, 15]) == 2


def test_no_slope_without_two_times() -> None:
    assert theil_sen([], []) == theil_sen([3.0, 3.0], [1.0, 9.0]) == 0


def test_a_quarter_of_wild_values_hardly_moves_it() -> None:
    chance = random.Random(4)
    times = [float(at) for at in range(100)]
    values = [5 + 2 * at + chance.gauss(0, 1) for at in times]
    for at in chance.sample(range(100), 25):
        values[at] = chance.uniform(-1e6, 1e6)
    assert theil_sen(times, values) == pytest.approx(2, abs=0.2)


def test_a_leak_that_begins_late_is_seen_and_a_cache_that_fills_is_not() -> None:
    times = [float(at) for at in range(0, 3600, 10)]
    leak = drift(times, [100 + max(0.0, at - 1800) / 360 for at in times])
    cache = drift(times, [100 + min(at, 600.0) for at in times])
    assert leak.per_hour == pytest.approx(10)
    assert leak.per_hour_whole < 10
    assert cache.per_hour == 0
    assert cache.last > cache.first
