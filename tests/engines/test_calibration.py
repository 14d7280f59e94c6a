"""Probabilities out of scores: identity, temperature, knots, and one curve for each class."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.voting.calibration import UNCALIBRATED, Calibration, Curve, Float64Array

KNOTS = ((0.2, 0.1), (0.5, 0.4), (0.9, 0.95))
CURVES = st.one_of(
    st.builds(Curve, st.floats(0.05, 20)), st.just(Curve(knots=KNOTS)), st.just(Curve())
)
SCORES = st.lists(st.floats(0, 1), max_size=40).map(lambda values: np.array(values, np.float64))


@given(CURVES, SCORES)
def test_a_higher_score_is_no_less_probable(curve: Curve, scores: Float64Array) -> None:
    probabilities = curve.probabilities(np.sort(scores))

    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert (np.diff(probabilities) >= -1e-15).all()


@given(SCORES)
def test_uncalibrated_scores_stay_exactly(scores: Float64Array) -> None:
    found = UNCALIBRATED.calibrated(["car"] * len(scores), scores)

    assert found.tobytes() == scores.tobytes()
    assert found is not scores


@given(st.floats(0.05, 20))
def test_certainty_and_a_coin_stay(temperature: float) -> None:
    found = Curve(temperature).probabilities(np.array([0.0, 0.5, 1.0]))

    assert found.tolist() == [0.0, 0.5, 1.0]


def test_temperature_divides_the_logit() -> None:
    found = Curve(2.0).probabilities(np.array([0.9]))

    assert found[0] == pytest.approx(3 / 4)  # logit(0.9) = ln 9; half of it is ln 3


def test_the_smallest_scores_do_not_overflow() -> None:
    scores = np.array([5e-324, 1e-300, 1 - 1e-16])

    assert np.isfinite(Curve(0.05).probabilities(scores)).all()


def test_knots_are_joined_by_lines_and_end_level() -> None:
    found = Curve(knots=KNOTS).probabilities(np.array([0.0, 0.2, 0.35, 0.9, 1.0]))

    assert found.tolist() == pytest.approx([0.1, 0.1, 0.25, 0.95, 0.95])


def test_a_class_has_its_own_curve_and_the_others_the_common_one() -> None:
    both = Calibration(Curve(2.0), {"car": Curve(knots=((0.0, 0.3),)), "bus": Curve()})

    found = both.calibrated(["car", "dog", "car", "bus"], np.array([0.9, 0.9, 0.1, 0.9]))

    assert found.tolist() == pytest.approx([0.3, 0.75, 0.3, 0.9])


def test_no_labels_are_no_probabilities() -> None:
    assert Calibration(by_class={"car": Curve(2.0)}).calibrated([], np.empty(0)).shape == (0,)


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.inf, math.nan])
def test_a_temperature_is_above_zero(temperature: float) -> None:
    with pytest.raises(ValueError, match="temperature must be above 0"):
        Curve(temperature)


@pytest.mark.parametrize(
    "knots",
    [
        ((0.5, 0.1), (0.5, 0.2)),
        ((0.1, 0.5), (0.2, 0.4)),
        ((-0.1, 0.5),),
        ((0.1, 1.5),),
        ((0.1, math.nan),),
    ],
)
def test_knots_ascend_within_zero_and_one(knots: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="knots must lie in 0…1"):
        Curve(knots=knots)
