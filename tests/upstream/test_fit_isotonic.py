from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from gleancam_engines.voting.calibration import Curve
from gleancam_upstream.calibrating.isotonic import MOST_KNOTS, fit_isotonic
from gleancam_upstream.calibrating.judged import BoolArray, Float64Array
from gleancam_upstream.errors import MissingLibraryError
from made_judgements import made_judgements

GRID = np.linspace(0, 1, 101)


@st.composite
def labels(draw: st.DrawFn) -> tuple[Float64Array, BoolArray]:
    """Draw scores, many of them equal, and whether each is right."""
    pairs = draw(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=80))
    scores, right = zip(*pairs, strict=True)
    return np.array(scores, np.float64) / 50, np.array(right, np.bool_)


@given(labels())
def test_it_is_scikit_learns(drawn: tuple[Float64Array, BoolArray]) -> None:
    scores, right = drawn
    least = 1 / (len(scores) + 2)
    theirs = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip")
    theirs.fit(scores, right)

    found = fit_isotonic(scores, right, most=1000).probabilities(GRID)

    assert found == pytest.approx(theirs.predict(GRID), abs=2e-6)


@given(labels(), st.integers(2, 16))
def test_few_knots_that_ascend_between_the_same_ends(
    drawn: tuple[Float64Array, BoolArray], most: int
) -> None:
    whole, thin = fit_isotonic(*drawn, most=1000), fit_isotonic(*drawn, most=most)

    assert 1 <= len(thin.knots) <= most
    assert (np.diff(thin.probabilities(GRID)) >= 0).all()
    assert set(thin.knots) <= set(whole.knots)
    assert (thin.knots[0], thin.knots[-1]) == (whole.knots[0], whole.knots[-1])
    assert 0 < thin.knots[0][1] <= thin.knots[-1][1] < 1


def test_a_curve_that_no_temperature_has_is_found() -> None:
    truth = Curve(knots=((0.05, 0.1), (0.4, 0.15), (0.5, 0.8), (1.0, 0.9)))
    made = made_judgements(20_000, truth, seed=4)

    found = fit_isotonic(made.score, made.right)

    assert len(found.knots) == MOST_KNOTS
    inner = np.linspace(0.1, 0.95, 50)
    assert np.abs(found.probabilities(inner) - truth.probabilities(inner)).max() < 0.08


@pytest.mark.parametrize("right", [True, False])
def test_labels_of_one_kind_show_no_certainty(right: bool) -> None:  # noqa: FBT001 - a parameter
    found = fit_isotonic(np.array([0.2, 0.5, 0.5, 0.9]), np.full(4, right))

    assert found.probabilities(GRID) == pytest.approx(5 / 6 if right else 1 / 6, abs=1e-6)


def test_scores_that_are_nearly_equal_are_one_knot() -> None:
    found = fit_isotonic(np.array([0.5, 0.5 + 1e-9, 0.9]), np.array([False, True, True]))

    assert [score for score, _ in found.knots] == [0.5, 0.9]


def test_without_scipy_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)

    with pytest.raises(MissingLibraryError, match=r"gleancam\[calibrate\].*temperature"):
        fit_isotonic(np.array([0.2, 0.9]), np.array([False, True]))
