from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.voting.calibration import Curve
from gleancam_upstream.calibrating.judged import Float64Array
from gleancam_upstream.calibrating.measures import measures
from gleancam_upstream.calibrating.temperature import HOTTEST, fit_temperature
from made_judgements import made_judgements


@pytest.mark.parametrize("temperature", [0.3, 0.7, 1.0, 1.5, 3.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_known_temperature_is_recovered(temperature: float, seed: int) -> None:
    made = made_judgements(20_000, Curve(temperature), seed=seed)

    assert fit_temperature(made.score, made.right).temperature == pytest.approx(
        temperature, rel=0.06
    )


@given(st.integers(0, 10_000), st.floats(0.2, 5), st.floats(0.7, 1.4).filter(lambda x: x != 1))
def test_no_other_temperature_is_likelier(seed: int, temperature: float, factor: float) -> None:
    made = made_judgements(60, Curve(temperature), seed=seed)
    found = fit_temperature(made.score, made.right)
    other = Curve(float(np.clip(found.temperature * factor, 1 / HOTTEST, HOTTEST)))

    def likelihood(curve: Curve) -> float:
        return measures(curve.probabilities(made.score), made.right).nll

    assert likelihood(found) <= likelihood(other) + 1e-6


ROWS = (np.array([0.9, 0.8, 0.2, 0.1]), np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.6, 0.7, 0.8]))


@pytest.mark.parametrize("scores", ROWS)
def test_scores_that_are_perfect_or_the_reverse_end_at_the_bounds(scores: Float64Array) -> None:
    sure = fit_temperature(scores, scores > 0.5)
    reverse = fit_temperature(scores, scores < 0.5)

    assert sure.temperature == pytest.approx(1 / HOTTEST, rel=1e-3)
    assert reverse.temperature == pytest.approx(HOTTEST, rel=1e-3)
