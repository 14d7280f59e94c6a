from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.voting.label import Label
from gleancam_engines.voting.uncertainty import binary_entropy, informativeness

shares = st.floats(0, 1)


def label(score: float) -> Label:
    return Label((0, 0, 1, 1), "person", score, 1, ("m",), 1, 1.0)


@pytest.mark.parametrize(
    ("scores", "bald"),
    [
        ([0.9, 0.9], 0.0),
        ([0.9, 0.0], 0.525597),
        ([0.9, 0.6], 0.063288),
        ([0.1, 0.9, 0.5], 0.245376),
        ([1.0, 0.0], 0.693147),
        ([0.9, 0.9, 0.0], 0.45629),
    ],
)
def test_entropy_gives_the_published_disagreements(scores: list[float], bald: float) -> None:
    """BALD is made of entropies alone: h(mean q) - mean h(q)."""
    q = np.array(scores)
    found = binary_entropy(np.array([q.mean()]))[0] - binary_entropy(q).mean()
    assert found == pytest.approx(bald, abs=1e-6)


@given(st.lists(shares, max_size=20))
def test_the_most_informative_label_counts_whatever_the_others_are(scores: list[float]) -> None:
    found = informativeness([label(score) for score in scores])
    assert found == max((informativeness([label(score)]) for score in scores), default=0.0)
    assert 0 <= found <= 1 + 1e-12


@given(shares, shares)
def test_the_nearer_to_a_half_the_more_informative(a: float, b: float) -> None:
    near, far = sorted((a, b), key=lambda score: abs(score - 0.5))
    assert informativeness([label(near)]) >= informativeness([label(far)]) - 1e-12
    assert informativeness([label(a)]) == pytest.approx(informativeness([label(1 - a)]), abs=1e-9)


def test_certainty_either_way_says_nothing_and_neither_does_an_empty_frame() -> None:
    assert informativeness([label(0.0), label(1.0)]) == 0.0
    assert informativeness([]) == 0.0
    assert informativeness([label(0.5)]) == pytest.approx(1.0)
    assert informativeness([label(0.25)]) == pytest.approx(2 - 0.75 * math.log2(3))
