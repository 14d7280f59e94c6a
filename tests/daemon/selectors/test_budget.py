"""What budgets do to a camera's decisions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gleancam.config.keys import TestCamera
from gleancam.config.selection_keys import Novelty, Selection
from gleancam.selectors.budget import BudgetController
from gleancam.selectors.budget_accounts import Budgets, net
from gleancam.selectors.budget_amount import parse_amount
from gleancam.selectors.budget_floor import IdleFloor
from gleancam.selectors.budget_ladder import RUNGS
from gleancam.selectors.budget_night import NightWindow
from gleancam.selectors.budget_percentile import PercentileThreshold
from gleancam.selectors.budget_ranks import ScoreRanks
from gleancam.selectors.budget_state import encode, restore
from gleancam.types import Decision, Note, Reason
from made_frames import SECOND_NS, apart, observed
from rationed import judged

CAMERAS = (TestCamera(id="a"), TestCamera(id="b", budget="10/hour"))
HOUR_NS = 3600 * SECOND_NS


def novel(score: float) -> Decision:
    return Decision(keep=True, reason=Reason.NOVEL, score=score, threshold=0.2, policy_id="p")


def keep(budgets: Budgets, camera: str, at_s: float, number: int) -> Decision:
    ration = budgets.of(camera)
    ration.advance(observed(apart(0.0), at_s))
    decision = judged(ration, novel(0.5), 0)
    sample_id = f"{camera}-{number}" if decision.keep else None
    ration.learn(0.5, sample_id)
    if sample_id is not None:
        budgets.settle(camera, sample_id, 1000)
    return decision


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 600)), max_size=300))
def test_the_site_and_the_camera_are_both_held_to_their_budgets(
    film: list[tuple[str, float]],
) -> None:
    budgets, now_s = Budgets(Selection(budget="20/hour"), CAMERAS, "space"), 0.0
    kept: list[tuple[str, float]] = []
    for number, (camera, passed_s) in enumerate(film):
        now_s += passed_s
        if keep(budgets, camera, now_s, number).keep:
            kept.append((camera, now_s))
    hours = int(now_s // 3600) + 1
    assert len(kept) <= 20 * hours
    assert sum(camera == "b" for camera, _ in kept) <= 10 * hours


def test_a_refused_frame_is_over_budget_and_had_no_chance() -> None:
    budgets = Budgets(Selection(), CAMERAS, "space")
    decisions = [keep(budgets, "b", 0, number) for number in range(12)]

    assert decisions[0].keep
    assert decisions[0].propensity == 1
    assert decisions[-1].reason is Reason.OVER_BUDGET
    assert not decisions[-1].keep
    assert decisions[-1].propensity == 0
    assert [keep(budgets, "a", 0, n).keep for n in range(30)] == [True] * 30, "has no budget"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 2), max_size=300), st.sampled_from(["100/day", "5/hour", "9 MB/day"]))
def test_the_threshold_is_never_below_the_floor(scores: list[float], budget: str) -> None:
    ration = Budgets(Selection(budget=budget), CAMERAS[:1], "space").of("a")
    for at_s, score in enumerate(scores):
        ration.advance(observed(apart(0.0), at_s))
        ration.learn(score, None)
        assert ration.threshold >= ration.facts.floor >= 0.05


def test_wall_time_changes_nothing_without_a_night() -> None:
    budgets = Budgets(Selection(budget="100/day"), CAMERAS[:1], "space")
    ration = budgets.of("a")
    ration.advance(observed(apart(0.0), 0))
    decisions = {judged(ration, novel(0.5), captured_ns) for captured_ns in (0, 10**18, 2 * 10**18)}

    assert len(decisions) == 1


def test_in_the_night_only_what_is_worth_the_reserve_is_kept() -> None:
    budgets = Budgets(Selection(budget="100/day", night="22:00-05:00"), CAMERAS[:1], "space")
    ration = budgets.of("a")
    ration.advance(observed(apart(0.0), 0))

    assert not judged(ration, novel(0.3), 23 * HOUR_NS).keep
    assert judged(ration, novel(0.45), 23 * HOUR_NS).keep
    assert judged(ration, novel(0.3), 6 * HOUR_NS).keep


@pytest.mark.parametrize(
    ("written", "inside", "outside"),
    [("22:00-05:30", (22, 23, 0, 5), (6, 12, 21)), ("01:00-02:00", (1,), (0, 2)), (None, (), (0,))],
)
def test_nights_may_pass_midnight(
    written: str | None, inside: tuple[int, ...], outside: tuple[int, ...]
) -> None:
    night = NightWindow(written)

    assert all(night.holds(hour * HOUR_NS) for hour in inside)
    assert not any(night.holds(hour * HOUR_NS) for hour in outside)


def test_a_fixed_threshold_stays_fixed_and_the_budget_only_caps() -> None:
    selection = Selection(budget="10/hour", mode="threshold")
    budgets = Budgets(selection, CAMERAS[:1], "space")
    kept = [keep(budgets, "a", 0, number).keep for number in range(12)]

    assert budgets.of("a").threshold == selection.novelty.threshold
    assert net(selection, CAMERAS[:1]) == selection.novelty
    assert kept[0]
    assert not kept[-1]


def test_without_budgets_nothing_changes() -> None:
    assert net(Selection(), CAMERAS[:1]) == Novelty()
    assert Budgets(Selection(), CAMERAS[:1], "space").of("a").threshold == Novelty().threshold


def test_a_ratio_is_reached() -> None:
    rng = np.random.default_rng(1)
    ration = Budgets(Selection(mode="ratio", ratio=0.05), CAMERAS[:1], "space").of("a")
    passed = []
    for score in rng.uniform(0.1, 1.0, 6000):
        passed.append(score >= ration.threshold)
        ration.learn(float(score), None)

    assert 0.04 < float(np.mean(passed[2000:])) < 0.06


def test_the_percentile_is_followed_from_both_sides() -> None:
    scores = np.random.default_rng(2).lognormal(-2, 0.5, 8000)
    for start in (0.01, 1.5):
        threshold = PercentileThreshold(start)
        for score in scores:
            threshold.follow(float(score), 0.001, 0.1)
        assert 0.8 < threshold.level / np.quantile(scores, 0.9) < 1.25


def test_the_floor_is_the_noise_of_still_pictures() -> None:
    floor, rng = IdleFloor(0.01), np.random.default_rng(3)
    distances = rng.uniform(0.02, 0.06, 400)
    for at_s, distance in enumerate(distances):
        floor.learn(observed(apart(distance if at_s % 2 else 0.0), at_s))
    assert 0.055 < floor.level <= 0.06


def test_what_moves_is_no_noise() -> None:
    floor = IdleFloor(0.01)
    for at_s in range(200):
        floor.learn(observed(apart(0.5 if at_s % 2 else 0.0), at_s, still=False))
    assert floor.level == 0.01


def test_scores_are_ranked_among_those_before() -> None:
    ranks = ScoreRanks()
    assert ranks.rank(1.0) is None
    for score in range(2000):
        ranks.learn(float(score))

    assert ranks.rank(2000.0) == 1
    assert ranks.rank(1999 - 512) == pytest.approx(0.5, abs=0.01)


def restarted(budgets: Budgets, text: str = "30/hour", space: str = "space") -> Budgets:
    return Budgets(Selection(budget=text), CAMERAS[:1], space, budgets.drain())


def used() -> Budgets:
    budgets = Budgets(Selection(budget="30/hour"), CAMERAS[:1], "space")
    for number in range(40):
        keep(budgets, "a", number * 30, number)
    return budgets


def test_a_restart_gives_nothing_back() -> None:
    budgets = used()
    before, threshold = budgets.facts(), budgets.of("a").threshold
    again = restarted(budgets)
    # Another boot: the monotonic clock begins anew, and the time in between is not counted.
    again.of("a").advance(observed(apart(0.0), 5 * 86_400))

    assert again.facts() == before
    assert again.of("a").threshold == threshold
    assert again.reports == []


def test_another_embedder_knows_what_was_spent_and_nothing_of_the_demand() -> None:
    budget, same, other = (BudgetController(parse_amount("30/day"), 0.2, 0.05) for _ in range(3))
    for number in range(9):
        budget.learn(np.ones(RUNGS, np.bool_), str(number))
    stored = encode(budget, "space")
    assert restore(same, stored, "space")
    assert restore(other, stored, "other")

    assert same.bucket.left == other.bucket.left == budget.bucket.left
    assert same.demand.today.sum() == budget.demand.today.sum() > 0
    assert other.demand.today.sum() == 0


def test_another_kind_of_budget_begins_anew_and_says_so() -> None:
    again = restarted(used(), "9 MB/day")

    assert "another kind of budget" in again.reports[0]
    assert again.facts()[0].left > 8e6


def test_a_damaged_row_begins_anew_and_says_so() -> None:
    rows = (Note("budget/site", 0, b"\xff"), Note("memory/x/y/z", 0, b""))
    budgets = Budgets(Selection(budget="30/hour"), CAMERAS[:1], "space", rows)

    assert "cannot be read" in budgets.reports[0]


def test_only_what_changed_is_stored() -> None:
    budgets = used()
    assert [note.name for note in budgets.drain()] == ["budget/site"]
    assert budgets.drain() == ()
