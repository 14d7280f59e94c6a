from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.score import (
    CutScore,
    Stretch,
    covered,
    kept_within,
    most_within,
    score_cuts,
    stretches_extra,
    stretches_found,
)

CUTS = st.lists(st.integers(0, 500), max_size=20)


def test_a_cut_two_frames_off_counts_and_one_three_frames_off_does_not() -> None:
    assert score_cuts([102, 203], [100, 200]) == CutScore(hits=1, extras=1, missed=1)


def test_one_found_cut_answers_for_one_true_cut_only() -> None:
    assert score_cuts([100], [99, 101]) == CutScore(hits=1, extras=0, missed=1)


def test_two_found_cuts_at_one_true_cut_are_a_hit_and_an_extra() -> None:
    assert score_cuts([99, 101], [100]) == CutScore(hits=1, extras=1, missed=0)


def test_matching_is_as_large_as_it_can_be() -> None:
    assert score_cuts([98, 100], [100, 102]).hits == 2


def test_f1_of_known_counts() -> None:
    assert CutScore(hits=3, extras=1, missed=1).f1 == 0.75
    assert CutScore(hits=0, extras=0, missed=0).f1 == 1.0
    assert CutScore(hits=0, extras=2, missed=0).f1 == 0.0


@given(CUTS)
def test_truth_scores_one_against_itself(cuts: list[int]) -> None:
    assert score_cuts(cuts, cuts).f1 == 1.0


@given(CUTS, CUTS)
def test_counts_add_up(found: list[int], truth: list[int]) -> None:
    score = score_cuts(found, truth)
    assert score.hits + score.extras == len(found)
    assert score.hits + score.missed == len(truth)
    assert score == score_cuts(found[::-1], truth[::-1])


def test_a_gradual_change_is_found_by_overlap() -> None:
    truth = [Stretch(10, 20), Stretch(50, 60)]
    found = [Stretch(20, 25), Stretch(30, 40)]
    assert stretches_found(found, truth) == 1
    assert stretches_extra(found, truth) == 1


def test_visits_and_kept_frames_are_counted_at_both_ends() -> None:
    visits = [Stretch(10, 20), Stretch(30, 40), Stretch(50, 60)]
    kept = [10, 20, 25, 40]
    assert covered(kept, visits) == 2
    assert kept_within(kept, visits) == [10, 20, 40]


def test_the_fullest_window_is_found() -> None:
    assert most_within([], 200) == 0
    assert most_within([0, 199, 200], 200) == 2
    assert most_within([0, 300, 301, 302, 900], 200) == 3
