from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.planes import Float32Array
from gleancam_engines.separation import UNTESTED_SCALE, Separation, logit_scale, separations


def around(direction: int, spread: float, count: int, seed: int = 0, dim: int = 8) -> Float32Array:
    """Unit rows around an axis."""
    rows = np.random.default_rng(seed).normal(0, spread, (count, dim))
    rows[:, direction] += 1
    unit: Float32Array = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def test_classes_that_lie_apart_are_parted_and_the_threshold_is_in_the_middle() -> None:
    first, second = separations(("a", "b"), [around(0, 0.05, 6), around(1, 0.05, 9, 1)])
    assert (first.pictures, second.pictures) == (6, 9)
    for each in (first, second):
        assert each.own_least is not None
        assert each.others_most is not None
        assert each.threshold == pytest.approx((each.own_least + each.others_most) / 2, abs=1e-6)
        assert each.right == 1.0


def test_a_picture_is_compared_with_the_prototype_made_without_it() -> None:
    rows = around(0, 0.3, 4)
    (only,) = separations(("a",), [rows])
    by_hand = []
    for at in range(4):
        rest = np.delete(rows, at, axis=0).mean(axis=0)
        by_hand.append(float(rows[at] @ rest / np.linalg.norm(rest)))
    assert only.own_least == pytest.approx(min(by_hand), abs=1e-6)
    assert only.own_mean == pytest.approx(np.mean(by_hand), abs=1e-6)
    assert (only.others_most, only.threshold, only.right) == (None, None, None)


def test_a_single_picture_cannot_be_tested() -> None:
    single, other = separations(("a", "b"), [around(0, 0.1, 1), around(1, 0.1, 3)])
    assert (single.own_least, single.threshold) == (None, None)
    assert other.threshold is not None


def test_classes_that_are_the_same_are_parted_by_luck_alone() -> None:
    for each in separations(("a", "b"), [around(0, 0.3, 60), around(0, 0.3, 60, 1)]):
        assert each.right is not None
        assert each.right < 0.75


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 2), st.integers(2, 5), st.integers(2, 12))
def test_no_threshold_is_better(seed: int, spread: float, classes: int, count: int) -> None:
    rows = [around(at, spread, count, seed + at) for at in range(classes)]
    for at, each in enumerate(separations([str(n) for n in range(classes)], rows)):
        assert each.threshold is not None
        assert each.right is not None
        for cut in np.linspace(-1, 1, 41):
            assert share_right(rows, at, cut) <= each.right + 1e-6
        assert each.own_least is not None
        assert each.own_mean is not None
        assert -1.0001 <= each.own_least <= each.own_mean <= 1.0001


def share_right(rows: list[Float32Array], at: int, cut: float) -> float:
    own = rows[at].astype(np.float64)
    without = own.sum(axis=0) - own
    without /= np.linalg.norm(without, axis=1, keepdims=True)
    mean = own.mean(axis=0) / np.linalg.norm(own.mean(axis=0))
    others = np.concatenate(rows[:at] + rows[at + 1 :])
    hits = ((own * without).sum(axis=1) >= cut).mean()
    return float((hits + (others @ mean < cut).mean()) / 2)


def test_the_scale_is_high_where_classes_lie_apart_and_low_where_they_do_not() -> None:
    apart = logit_scale([around(0, 0.05, 8), around(1, 0.05, 8, 1)])
    close = logit_scale([around(0, 0.4, 30), around(0, 0.4, 30, 1)])
    assert 1 <= close < apart <= 100
    assert apart < 20, "no higher than it needs to be: what is certain already needs no more"


def test_what_cannot_be_tested_has_a_scale_all_the_same() -> None:
    assert logit_scale([around(0, 0.1, 5)]) == UNTESTED_SCALE
    assert logit_scale([around(0, 0.1, 1), around(1, 0.1, 1)]) == UNTESTED_SCALE


def test_one_class_says_nothing_of_others() -> None:
    (only,) = separations(("a",), [around(0, 0.1, 1)])
    assert only == Separation("a", 1)
