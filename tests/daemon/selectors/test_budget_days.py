"""Budgets over simulated days, against a k-center that knows the whole day."""

from __future__ import annotations

import numpy as np
import pytest

from gleancam.config.keys import Novelty, Selection
from simulated_days import Kind, World, coverage, k_center
from simulated_selection import SimulatedCamera

BUDGET = 100


def camera() -> SimulatedCamera:
    # A smaller memory than by default: nothing here fills it, and it is faster.
    return SimulatedCamera(Selection(budget=f"{BUDGET}/day", novelty=Novelty(capacity=2048)))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_day_that_wants_more_than_its_budget_spends_it_almost_as_well_as_hindsight() -> None:
    day = World(2, Kind()).day()
    played = camera().play(day)

    assert played.above_floor > 10 * BUDGET
    assert 0.85 * BUDGET <= len(played.kept) <= BUDGET
    assert coverage(day, played.kept) >= 0.9 * coverage(day, k_center(day, BUDGET))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_quiet_day_saves() -> None:
    played = camera().play(World(1, Kind(visits=40)).day())

    assert 1 <= len(played.kept) <= BUDGET / 2
    assert np.all(played.thresholds >= 0.1)
