from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.voting.calibration import Curve
from gleancam_upstream.calibrating.measures import ece, ece_mass, measures
from made_judgements import made_judgements

P = np.array([0.1, 0.15, 0.3, 0.9, 0.95, 1.0])
RIGHT = np.array([False, True, False, True, True, False])


def test_ece_is_as_computed_by_hand() -> None:
    # Four bins: {.1, .15} has 1 of 2 right and says .125; {.3} is wrong; {.9, .95, 1} has 2 of 3.
    by_hand = (2 * abs(0.5 - 0.125) + abs(0 - 0.3) + 3 * abs(2 / 3 - 0.95)) / 6

    assert ece(P, RIGHT, bins=4) == pytest.approx(by_hand)


def test_ece_of_equal_mass_is_as_computed_by_hand() -> None:
    # Two bins of three: 1 of 3 right and .55 / 3 said; 2 of 3 right and .95 said.
    by_hand = (3 * abs(1 / 3 - 0.55 / 3) + 3 * abs(2 / 3 - 0.95)) / 6

    assert ece_mass(P, RIGHT, bins=2) == pytest.approx(by_hand)


def test_brier_and_likelihood_are_as_computed_by_hand() -> None:
    found = measures(np.array([0.8, 0.5, 0.1]), np.array([True, False, False]))

    assert found.brier == pytest.approx((0.04 + 0.25 + 0.01) / 3)
    assert found.nll == pytest.approx(-(math.log(0.8) + math.log(0.5) + math.log(0.9)) / 3)


def test_a_certain_mistake_costs_much_but_not_everything() -> None:
    assert measures(np.array([1.0]), np.array([False])).nll == pytest.approx(-math.log(5e-5))


def test_equal_probabilities_share_a_bin() -> None:
    """Which is right among equals must not matter; nor does their order then."""
    p = np.full(30, 0.5)
    right = np.arange(30) < 15

    assert ece_mass(p, right) == pytest.approx(0)
    assert ece(p, right) == pytest.approx(0)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_bounds_and_order(pairs: list[tuple[float, bool]]) -> None:
    p, right = (np.array(column) for column in zip(*pairs, strict=True))
    found, turned = measures(p, right), measures(p[::-1], right[::-1])

    assert 0 <= found.ece <= 1
    assert 0 <= found.ece_mass <= 1
    assert 0 <= found.brier <= 1
    assert found.nll >= 0
    assert found.ece == pytest.approx(turned.ece)
    assert found.ece_mass == pytest.approx(turned.ece_mass)


def test_the_truth_has_a_small_error_and_a_lie_a_large_one() -> None:
    made = made_judgements(20_000, Curve(2.0))
    true = measures(Curve(2.0).probabilities(made.score), made.right)
    false = measures(made.score, made.right)

    assert true.ece < 0.02
    assert true.ece_mass < 0.02
    assert false.ece > 0.08
    assert true.nll < false.nll
    assert true.brier < false.brier
