"""What is still to come in a period."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.selectors.budget_demand import HOURS, Demand
from gleancam.selectors.budget_ladder import RUNGS, rungs

SCALE = rungs(0.25)
CONFIGURED = int(np.searchsorted(SCALE, 1.0))
ALL = np.ones(RUNGS, np.bool_)


def day_of(demand: Demand, first_hour: int, last_hour: int, an_hour: int) -> None:
    for event in range(first_hour * an_hour, last_hour * an_hour):
        demand.count(event / an_hour / HOURS, ALL)


def test_the_day_before_tells_what_is_to_come() -> None:
    demand = Demand(SCALE)
    day_of(demand, 8, 18, 60)
    demand.turn()

    assert demand.to_come(0.0, 1000)[3] == pytest.approx(600, rel=0.01)
    assert demand.done(0.5, 3) == pytest.approx(0.4)
    assert demand.to_come(18 / 24, 1000)[3] == 0


def test_a_storm_is_not_expected_to_come_again() -> None:
    demand = Demand(SCALE)
    day_of(demand, 0, 24, 4)
    day_of(demand, 12, 13, 3000)
    demand.turn()

    assert demand.to_come(0.0, 100)[3] < 1.3 * 24 * 4


def test_the_parts_of_an_hour_are_taken_to_be_alike() -> None:
    demand = Demand(SCALE, daily=False)
    day_of(demand, 8, 18, 60)
    demand.turn()

    assert demand.done(0.5, 3) == pytest.approx(0.5)
    assert demand.to_come(18 / 24, 1000)[3] < 600 / 4


def test_a_day_unlike_those_before_is_taken_as_it_is_soon() -> None:
    demand = Demand(SCALE)
    day_of(demand, 0, 24, 10)
    demand.turn()
    day_of(demand, 0, 4, 2)
    quiet = demand.to_come(4 / 24, 1000)[3]
    day_of(demand, 0, 4, 28)

    assert quiet < 0.35 * 200, "a fifth of what is usual came"
    assert demand.to_come(4 / 24, 1000)[3] > 2 * 200, "three times as much came"


def test_at_first_a_day_is_believed_to_fill_its_budget_at_the_configured_threshold() -> None:
    demand = Demand(SCALE)

    to_come = demand.to_come(0.0, 100)
    assert to_come[CONFIGURED] == pytest.approx(100, rel=0.35)
    assert to_come[CONFIGURED - 3] > 3 * to_come[CONFIGURED]


def test_what_comes_now_raises_what_is_to_come_within_minutes() -> None:
    demand = Demand(SCALE)
    before = demand.to_come(0.25, 10)[CONFIGURED]
    for event in range(20):
        demand.count((6 + event / 120) / HOURS, ALL)

    assert demand.to_come((6 + 1 / 6) / HOURS, 10)[CONFIGURED] > 10 * before


@given(
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 2**RUNGS - 1)), max_size=100),
    st.integers(0, 2),
    st.floats(0, 0.999),
    st.floats(1, 1000),
)
def test_finer_thresholds_never_expect_less(
    film: list[tuple[float, int]], turns: int, phase: float, samples: float
) -> None:
    demand = Demand(SCALE)
    for at, bits in film:
        demand.count(at, np.array([bits >> rung & 1 for rung in range(RUNGS)], np.bool_))
    for _ in range(turns):
        demand.turn()
    to_come = demand.to_come(phase, samples)
    assert np.all(np.diff(to_come) <= 0)
    assert np.all(to_come >= 0)
    assert all(0 <= demand.done(phase, rung) <= 1 for rung in range(RUNGS))
