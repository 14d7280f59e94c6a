"""Budgets over simulated days, against a k-center that knows the whole day.

`bench/budgets.py` measures more kinds and seeds.
"""

from __future__ import annotations

import numpy as np
import pytest

from gleancam.config.selection_keys import Novelty, Selection
from simulated_days import Kind, World, part
from simulated_kinds import CASES, EARLY, HOUR_S, measure
from simulated_selection import SimulatedCamera

BUDGET = 100
BY_NAME = {case.name: case for case in CASES}


def camera() -> SimulatedCamera:
    # A smaller memory than by default: it is faster.
    return SimulatedCamera(Selection(budget=f"{BUDGET}/day", novelty=Novelty(capacity=2048)))


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "name",
    ["and four hours of wind", "visits from 0 to 9 h", "20 MB/day, samples of 100 to 400 kB"],
)
def test_days_that_want_more_than_their_budget_spend_it_almost_as_well_as_hindsight(
    name: str,
) -> None:
    for result in measure(BY_NAME[name], 2):
        assert 0.9 <= result.spent <= 1.03
        assert result.covered >= 0.9 * result.oracle


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_wind_does_not_coarsen_the_memory() -> None:
    windy = camera()
    before = windy.radius
    windy.play(part(World(3, Kind(storm=4)).day(), 0, 16 * HOUR_S))

    assert windy.radius == before


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_quiet_day_saves_until_it_ends() -> None:
    day = World(1, Kind(visits=40)).day()
    played = camera().play(day)

    assert 1 <= int((day.seconds[played.kept] < 12 * HOUR_S).sum()) <= BUDGET / 3
    assert np.all(played.thresholds >= 0.05)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_threshold_has_settled_an_hour_after_a_start_in_the_busy_hours() -> None:
    day = part(World(12, EARLY).day(), 0, 4 * HOUR_S)
    logs = np.log(camera().play(day).thresholds)
    steady = float(logs[day.seconds >= HOUR_S].mean())
    for begins in range(HOUR_S, 4 * HOUR_S, 600):
        ten_minutes = logs[(day.seconds >= begins) & (day.seconds < begins + 600)]
        assert abs(float(ten_minutes.mean()) - steady) < np.log(1.25)
