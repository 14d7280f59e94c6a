from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.diversity import least_budget, names_covered, per_hour, redundancy
from bench.footage import Span
from bench.identities import gap_closed, identities, oracle, read_mot
from bench.methods import (
    above_threshold,
    distance_to_mean,
    distance_to_previous,
    every_nth,
    k_center,
    uniform,
)
from bench.score import Stretch
from gleancam_engines.planes import Float32Array

BOXES = {0: frozenset({1}), 1: frozenset({1, 2, 3}), 2: frozenset({3, 4}), 3: frozenset({4, 5})}


def circle(*degrees: float) -> Float32Array:
    """Unit vectors of the plane: cosine distances are known."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_redundant_is_who_has_a_neighbour() -> None:
    rows = circle(0, 1, 90, 180)
    assert redundancy(rows, 0.01) == 0.5
    assert redundancy(rows, 1.5) == 1.0
    assert redundancy(rows[2:], 0.01) == 0.0
    assert redundancy(rows[:1], 2.0) == 0.0


def test_a_scene_shown_twice_counts_once() -> None:
    spans = [
        Span("a", Stretch(0, 9)),
        Span("b", Stretch(10, 19)),
        Span("a", Stretch(20, 29)),
        Span("c", Stretch(30, 39)),
    ]
    assert names_covered([5, 25], spans) == 1
    assert names_covered([25, 10, 19], spans) == 2
    assert names_covered([40], spans) == 0


def test_the_least_budget_is_the_first_that_reaches_all() -> None:
    curve = [(9, 5.0), (3, 4.5), (6, 5.0), (7, 4.0)]
    assert least_budget(curve, 5) == 6
    assert least_budget(curve, 5.5) is None
    assert least_budget([], 0) is None


def test_two_in_a_minute_are_120_in_an_hour() -> None:
    assert per_hour(2, 60) == 120


def test_mot_counts_frames_from_one_and_leaves_out_what_does_not_count() -> None:
    text = "1,7,10,20,30,40,1,-1,-1,-1\n1,8,0,0,1,1,0,-1,-1,-1\n3,9,0,0,1,1,1,-1,-1,-1\n"
    assert read_mot(text) == {0: frozenset({7}), 2: frozenset({9})}


def test_identities_are_counted_once_and_frames_without_any_add_none() -> None:
    assert identities([], BOXES) == 0
    assert identities([0, 1, 17], BOXES) == 3
    assert identities([1, 2], BOXES) == 4


def test_the_oracle_takes_what_adds_most_and_stops_when_nothing_does() -> None:
    assert oracle(BOXES, 1) == [1]
    assert oracle(BOXES, 2) == [1, 3]
    assert oracle(BOXES, 9) == [1, 3]
    assert oracle({}, 3) == []


@given(st.dictionaries(st.integers(0, 20), st.frozensets(st.integers(0, 9)), max_size=8))
def test_no_single_frame_beats_the_oracle(boxes: dict[int, frozenset[int]]) -> None:
    best = identities(oracle(boxes, 1), boxes)
    assert all(identities([frame], boxes) <= best for frame in boxes)
    assert identities(oracle(boxes, 20), boxes) == identities(boxes, boxes)


def test_the_gap_is_measured_from_plain_to_best() -> None:
    assert gap_closed(8, 6, 10) == 0.5
    assert gap_closed(5, 6, 10) == -0.25
    assert gap_closed(6, 6, 6) is None


@given(st.integers(1, 300), st.integers(1, 40), st.floats(0, 0.99), st.integers(0, 5))
def test_all_methods_keep_to_the_budget(count: int, budget: int, phase: float, seed: int) -> None:
    wanted = min(count, budget)
    scores = np.random.default_rng(seed).integers(0, 3, count).astype(float)
    rows = circle(*np.random.default_rng(seed).uniform(0, 360, count))
    for kept in (
        every_nth(count, budget, phase),
        uniform(count, budget, seed),
        above_threshold(scores, budget),
        k_center(rows, budget),
    ):
        assert len(kept) == len(set(kept)) == wanted
        assert all(0 <= at < count for at in kept)


def test_every_nth_is_evenly_spread() -> None:
    assert every_nth(100, 4, 0.0) == [0, 25, 50, 75]
    assert every_nth(100, 4, 0.5) == [12, 37, 62, 87]


def test_the_same_seed_draws_the_same() -> None:
    assert uniform(1000, 20, seed=3) == uniform(1000, 20, seed=3) != uniform(1000, 20, seed=4)
    assert len(set(uniform(50, 50, seed=1))) == 50


def test_the_threshold_keeps_the_largest_and_of_equals_the_earliest() -> None:
    assert above_threshold(np.array([1.0, 5.0, 3.0, 5.0]), 2) == [1, 3]
    assert above_threshold(np.array([1.0, 1.0, 1.0]), 2) == [0, 1]


def test_distances_to_what_came_before() -> None:
    rows = circle(0, 60, 60, 150)
    assert distance_to_previous(rows) == pytest.approx([math.inf, 0.5, 0, 1], abs=1e-6)
    expected = [math.inf, 0.5, 1 - math.cos(math.radians(30))]
    assert distance_to_mean(rows[:3], last=2) == pytest.approx(expected, abs=1e-6)


def test_the_mean_forgets_what_is_older() -> None:
    rows = circle(0, 90, 90, 90)
    assert distance_to_mean(rows, last=2)[3] == pytest.approx(0, abs=1e-6)
    assert distance_to_mean(rows, last=3)[3] > 0.05


def test_k_center_goes_to_the_farthest() -> None:
    assert k_center(circle(0, 10, 170, 90), 3) == [0, 2, 3]


@given(st.lists(st.floats(0, 360), min_size=2, max_size=30), st.integers(1, 8))
def test_a_larger_budget_only_adds(degrees: list[float], budget: int) -> None:
    rows = circle(*degrees)
    assert k_center(rows, budget + 1)[: len(k_center(rows, budget))] == k_center(rows, budget)
