"""What is worth looking at: of a label, and of an image."""

from __future__ import annotations

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.voting.informativeness import (
    InformativenessRule,
    OfImage,
    OfLabel,
    Weights,
    informativeness,
    of_labels,
)
from gleancam_engines.voting.label import Label

SHARES = st.floats(0, 1)


def label(risk: float, bald: float | None = None, loc_spread: float = 0.0) -> Label:
    return Label(
        xyxy=(0, 0, 1, 1),
        class_name="person",
        score=0.123,  # only what is calibrated may count
        votes=1,
        voters=("m",),
        eligible=1 if bald is None else 2,
        mean_iou=1 - loc_spread,
        score_max=0.9,
        risk=risk,
        bald=bald,
        entropy=0.456 if bald is None else None,
        loc_spread=loc_spread,
    )


LABELS = st.lists(st.builds(label, SHARES, st.none() | SHARES, SHARES), max_size=12)
RULES = st.builds(
    InformativenessRule,
    st.sampled_from(get_args(OfLabel)),
    st.builds(Weights, st.floats(0, 9), st.floats(0, 9), st.floats(0.1, 9)),
    st.sampled_from(get_args(OfImage)),
    st.integers(1, 5),
)


@given(LABELS, RULES)
def test_it_is_a_share_and_the_order_of_labels_does_not_matter(
    labels: list[Label], rule: InformativenessRule
) -> None:
    found = informativeness(labels, rule)

    assert 0 <= found <= (len(labels) if rule.of_image == "sum" else 1) + 1e-12
    assert informativeness(labels[::-1], rule) == pytest.approx(found, abs=1e-12)


@given(LABELS.filter(bool), RULES)
def test_the_whole_lies_between_the_mean_and_the_sum(
    labels: list[Label], rule: InformativenessRule
) -> None:
    each = of_labels(labels, rule)

    assert each.shape == (len(labels),)
    assert each.mean() - 1e-12 <= informativeness(labels, rule) <= each.sum() + 1e-12


@given(SHARES, SHARES)
def test_the_nearer_to_a_half_the_more_informative(a: float, b: float) -> None:
    near, far = sorted((a, b), key=lambda risk: abs(risk - 0.5))
    assert informativeness([label(near)]) >= informativeness([label(far)]) - 1e-12
    assert informativeness([label(a)]) == pytest.approx(informativeness([label(1 - a)]), abs=1e-9)


def test_certainty_either_way_says_nothing_and_neither_does_an_empty_frame() -> None:
    assert informativeness([label(0.0), label(1.0)]) == 0.0
    assert informativeness([]) == 0.0
    assert informativeness([label(0.5)]) == 1.0
    assert informativeness([label(0.25)]) == pytest.approx(2 - 0.75 * math.log2(3))


@pytest.mark.parametrize("of_image", get_args(OfImage))
def test_without_labels_it_is_nothing_by_any_rule(of_image: OfImage) -> None:
    assert informativeness([], InformativenessRule(of_image=of_image)) == 0.0


@pytest.mark.parametrize(
    ("of_image", "top", "expected"),
    [
        ("max", 3, 0.9),
        ("sum", 3, 2.0),
        ("mean", 3, 0.4),
        ("topk_mean", 3, 0.6),
        ("topk_mean", 1, 0.9),
        ("topk_mean", 9, 0.4),
    ],
)
def test_an_image_by_each_rule(of_image: OfImage, top: int, expected: float) -> None:
    labels = [label(0.0, bald) for bald in (0.2, 0.9, 0.0, 0.6, 0.3)]
    rule = InformativenessRule("bald", of_image=of_image, top=top)

    assert informativeness(labels, rule) == pytest.approx(expected)


def test_where_nobody_can_disagree_the_calibrated_entropy_stands_in() -> None:
    rule = InformativenessRule("bald")

    assert informativeness([label(0.5, None)], rule) == 1.0
    assert informativeness([label(0.5, 0.0)], rule) == 0.0


def test_a_weighted_mean() -> None:
    rule = InformativenessRule("weighted", Weights(2, 1, 1))

    found = informativeness([label(0.5, 0.4, 0.2)], rule)

    assert found == pytest.approx((2 * 1.0 + 0.4 + 0.2) / 4)


@pytest.mark.parametrize("weights", [(0, 0, 0), (-1, 2, 0), (math.nan, 1, 0), (math.inf, 1, 0)])
def test_weights_that_weigh_nothing(weights: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="weights must be 0 or more"):
        Weights(*weights)


def test_the_top_none() -> None:
    with pytest.raises(ValueError, match="top must be 1 or more"):
        InformativenessRule(top=0)
