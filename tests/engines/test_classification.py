"""Uncertainty over classes: published numbers, bounds, and what is no distribution."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.voting.classification import (
    Float64Array,
    bald,
    bald_share,
    entropy,
    least_confidence,
    margin,
    variance,
)

ALL = (entropy, margin, least_confidence, variance, bald, bald_share)


@st.composite
def members(draw: st.DrawFn) -> Float64Array:
    """Draw `(N, T, C)` probabilities, some of them certain."""
    shape = draw(st.tuples(st.integers(1, 3), st.integers(2, 5), st.integers(2, 5)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    drawn = rng.dirichlet(np.full(shape[2], draw(st.floats(0.05, 5))), shape[:2])
    if draw(st.booleans()):
        drawn = np.eye(shape[2])[drawn.argmax(axis=-1)]
    return np.asarray(drawn / drawn.sum(axis=-1, keepdims=True), np.float64)


@pytest.mark.parametrize(
    ("probabilities", "nats", "share"),
    [
        ([[0.98, 0.01, 0.01]] * 2, 0.0, 0.0),
        ([[1 / 3, 1 / 3, 1 / 3]] * 3, 0.0, 0.0),
        ([[0.96, 0.02, 0.02], [0.02, 0.96, 0.02], [0.02, 0.02, 0.96]], 0.902942, 0.821893),
        ([[0.9, 0.1], [0.1, 0.9]], 0.368064, 0.531004),
    ],
)
def test_bald_is_as_published(probabilities: list[list[float]], nats: float, share: float) -> None:
    p = np.array(probabilities)

    assert bald(p) == pytest.approx(nats, abs=5e-7)
    assert bald_share(p) == pytest.approx(share, abs=5e-7)


@given(members())
def test_bounds(p: Float64Array) -> None:
    _, count, classes = p.shape
    most = {
        entropy: math.log(classes),
        margin: 1.0,
        least_confidence: 1 - 1 / classes,
        variance: 0.25,
        bald: min(math.log(classes), math.log(count)),
        bald_share: 1.0,
    }
    for measure in ALL:
        found = measure(p)
        assert found is not None
        assert found.shape == p.shape[:1]
        assert ((found >= -1e-12) & (found <= most[measure] + 1e-9)).all(), measure


@given(members())
def test_the_order_of_members_and_classes_does_not_matter(p: Float64Array) -> None:
    for measure in ALL:
        assert measure(p[:, ::-1, ::-1]) == pytest.approx(measure(p), abs=1e-12)


@given(members())
def test_a_batch_is_its_things_one_by_one(p: Float64Array) -> None:
    for measure in ALL:
        whole = measure(p)
        assert whole is not None
        for one, value in zip(p, whole, strict=True):
            assert measure(one) == pytest.approx(value, abs=1e-12)


@given(members())
def test_members_that_agree_disagree_about_nothing(p: Float64Array) -> None:
    agreed = np.repeat(p[:, :1], 4, axis=1)

    assert bald(agreed) == pytest.approx(0, abs=1e-9)
    assert variance(agreed) == pytest.approx(0, abs=1e-12)
    assert entropy(agreed) == pytest.approx(entropy(p[:, :1]))


def test_certain_members_that_contradict_each_other_disagree_as_much_as_can_be() -> None:
    assert bald_share(np.eye(3)) == pytest.approx(1.0)
    assert bald_share(np.eye(4)[:2]) == pytest.approx(1.0)  # two members: ln 2 is the most
    assert bald(np.eye(4)[:2]) == pytest.approx(math.log(2))


def test_the_other_measures_of_one_mean() -> None:
    p = np.array([[0.7, 0.2, 0.1], [0.5, 0.4, 0.1]])  # mean .6, .3, .1

    assert entropy(p) == pytest.approx(0.897946, abs=1e-6)
    assert margin(p) == pytest.approx(0.3)
    assert least_confidence(p) == pytest.approx(0.4)
    assert variance(p) == pytest.approx((0.01 + 0.01 + 0) / 3)


@pytest.mark.parametrize("shape", [(1, 4), (3, 1), (2, 1, 4)])
def test_who_is_alone_cannot_disagree(shape: tuple[int, ...]) -> None:
    p = np.full(shape, 1 / shape[-1])

    assert bald_share(p) is None
    assert bald(p) == pytest.approx(0)


def test_one_class_is_sure() -> None:
    assert margin(np.ones((2, 1))) == 1
    assert entropy(np.ones((2, 1))) == 0


def test_nothing_to_measure() -> None:
    for measure in ALL:
        found = measure(np.empty((0, 2, 3)))
        assert found is not None
        assert found.shape == (0,)


@pytest.mark.parametrize("shape", [(3,), (0, 3), (2, 0)])
def test_no_members_or_no_classes(shape: tuple[int, ...]) -> None:
    for measure in ALL:
        with pytest.raises(ValueError, match="must be"):
            measure(np.full(shape, 1.0))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ([0.5, math.nan], "0…1"),
        ([1.5, -0.5], "0…1"),
        ([math.inf, 0.0], "0…1"),
        ([0.5, 0.4], "sum to 1"),
        ([0.9, 0.9], "sum to 1"),
    ],
)
def test_no_distribution(row: list[float], why: str) -> None:
    for measure in ALL:
        with pytest.raises(ValueError, match=why):
            measure(np.array([[0.5, 0.5], row]))
