"""Disagreement about whether there is an object, and about where it is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.voting.uncertainty import bernoulli_bald, mean_pairwise_iou

PUBLISHED = [
    ([0.9, 0.9], 0.0, 0.0),
    ([0.9, 0.0], 0.525597, 0.758277),
    ([0.9, 0.6], 0.063288, 0.091305),
    ([0.1, 0.9, 0.5], 0.245376, 0.354003),
    ([1.0, 0.0], 0.693147, 1.0),
    ([0.5, 0.5], 0.0, 0.0),
    ([0.9, 0.9, 0.0], 0.45629, 0.658287),
    ([0.9, 0.0, 0.0], 0.502503, 0.724959),
]


@pytest.mark.parametrize(("q", "nats", "normalised"), PUBLISHED)
def test_reproduces_the_published_numbers(q: list[float], nats: float, normalised: float) -> None:
    found = bernoulli_bald(np.array([q]), np.ones((1, len(q)), bool))
    assert found[0] == pytest.approx(nats, abs=5e-7)
    assert found[0] / math.log(2) == pytest.approx(normalised, abs=5e-7)


def test_members_that_could_not_see_it_do_not_count() -> None:
    q = np.zeros((len(PUBLISHED), 5))
    eligible = np.zeros(q.shape, bool)
    for row, (scores, _, _) in enumerate(PUBLISHED):
        q[row, 5 - len(scores) :] = scores
        eligible[row, 5 - len(scores) :] = True
    q[~eligible] = 0.7
    np.testing.assert_allclose(
        bernoulli_bald(q, eligible), [nats for _, nats, _ in PUBLISHED], atol=5e-7
    )
    np.testing.assert_array_equal(bernoulli_bald(np.ones((2, 3)), np.zeros((2, 3), bool)), 0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_lies_between_none_and_all(q: list[float]) -> None:
    (found,) = bernoulli_bald(np.array([q]), np.ones((1, len(q)), bool))
    assert 0 <= found <= math.log(2) + 1e-12
    (again,) = bernoulli_bald(np.array([q[::-1]]), np.ones((1, len(q)), bool))
    assert again == pytest.approx(found, abs=1e-12)


def test_mean_overlap_of_all_pairs_of_a_group() -> None:
    boxes = np.array([[0, 0, 4, 1], [9, 9, 10, 10], [2, 0, 6, 1], [4, 0, 8, 1]], np.float64)
    found = mean_pairwise_iou(boxes, np.array([1, 0, 1, 1]), 2)
    np.testing.assert_allclose(found, [1.0, (1 / 3 + 1 / 3 + 0) / 3])
    assert mean_pairwise_iou(np.empty((0, 4)), np.empty(0, np.intp), 0).shape == (0,)
