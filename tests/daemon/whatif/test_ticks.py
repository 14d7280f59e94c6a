from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.whatif.ticks import rounded, time_scale


@given(st.floats(1e-3, 1e9), st.integers(2, 12))
def test_values_reach_the_highest_in_few_even_steps(highest: float, most: int) -> None:
    ticks = rounded(highest, most)
    assert ticks[0] == 0
    assert ticks[-1] >= highest * (1 - 1e-6)
    assert len(ticks) <= most + 1
    assert len(ticks) == 2 or ticks[-2] < highest


@given(st.floats(1, 40 * 86_400), st.integers(4, 12))
def test_times_fit_in_and_are_even(span_s: float, most: int) -> None:
    scale = time_scale(span_s, most)
    times = [at_s for at_s, _ in scale.ticks]
    assert times[0] == 0
    assert times[-1] <= span_s
    assert len(times) <= most + 1
    assert len({words for _, words in scale.ticks}) == len(times)


@pytest.mark.parametrize(
    ("span_s", "unit", "second"), [(60, "s", "5"), (3600, "min", "5"), (86_400, "h", "2")]
)
def test_the_unit_fits(span_s: float, unit: str, second: str) -> None:
    scale = time_scale(span_s, 12)
    assert (scale.unit, scale.ticks[1][1]) == (unit, second)
