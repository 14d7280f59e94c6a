"""The random arm, quotas and requests at the gleaner: gate, memory, budgets and disk together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gleancam.config.keys import FileCamera
from gleancam.config.selection_keys import (
    Gate,
    Heartbeat,
    Novelty,
    Quotas,
    Random,
    Scene,
    Selection,
)
from gleancam.glean import Gleaner
from gleancam.outcome import Outcome
from gleancam.types import Note, Pending, Reason
from gleancam_engines.planes import Float32Array, Planes
from made_frames import SECOND_NS, apart, frame, picture

OFTEN = Random(rate="14400/day", seed="s")
"""One in six frames, at one a second."""
UNGATED = Gate(enabled=False)
PLACES = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 16)))[0].astype(np.float32)


def embed(pictures: Sequence[Planes]) -> Float32Array:
    """Pictures whose first pixel is n lie at place n, at right angles to each other."""
    return np.stack([PLACES[int(each.y[0, 0]) % 16] for each in pictures])


def gleaner(notes: Iterable[Note] = (), budget: str | None = None, **selection: Any) -> Gleaner:
    numbers = count()
    settings: dict[str, Any] = {"random": OFTEN, "scene": Scene(enabled=False), **selection}
    return Gleaner(
        Selection(**settings),
        [FileCamera(id="a", path="x", fps=1.0, budget=budget)],
        embed,
        "space",
        lambda: f"id-{next(numbers)}",
        "policy",
        8,
        notes,
    )


def shown(second: int, place: int = 0) -> Pending:
    luma = picture(1 + place)
    luma[0, 0] = place
    return Pending("a", frame(luma, second * SECOND_NS, "a", second), ())


def play(one: Gleaner, seconds: range, place: int = 0, *, room: bool = True) -> list[Outcome]:
    return [one.step([shown(second, place)], room=room)[0] for second in seconds]


def drawn(outcomes: Sequence[Outcome]) -> list[int]:
    return [index for index, outcome in enumerate(outcomes) if outcome.draw.drawn]


def test_what_is_drawn_passes_the_gate_and_had_no_other_chance() -> None:
    outcomes = play(gleaner(gate=Gate(max_gap_s=1e6)), range(200))
    embedded = [n for n, outcome in enumerate(outcomes) if outcome.embedded is not None]
    lucky = drawn(outcomes)
    assert 15 < len(lucky) < 55
    assert embedded == sorted({0, *lucky})
    for outcome in (outcomes[n] for n in lucky if n):
        decision = outcome.decision
        assert decision is not None
        assert (decision.keep, decision.reason, decision.arm) == (True, Reason.RANDOM, "random")
        assert (decision.policy_propensity, decision.policy_keeps) == (0, False)
        assert decision.propensity == decision.random_propensity == 14_400 / 86_400
        assert decision.epoch == 1


def test_without_the_random_arm_nothing_but_the_policy_keeps() -> None:
    outcomes = play(gleaner(gate=UNGATED, random=Random(enabled=False)), range(100))
    decisions = [outcome.decision for outcome in outcomes if outcome.decision is not None]
    assert drawn(outcomes) == []
    assert [decision.keep for decision in decisions] == [True] + [False] * 99
    assert {decision.random_propensity for decision in decisions} == {0.0}
    assert {decision.epoch for decision in decisions} == {0}


def test_gated_frames_say_what_their_chance_was() -> None:
    outcomes = play(gleaner(gate=Gate(max_gap_s=1e6)), range(50))
    gated = [outcome for outcome in outcomes if outcome.gated]
    assert len(gated) > 30
    assert {outcome.draw.propensity for outcome in gated} == {14_400 / 86_400}


def test_when_both_keep_it_the_policy_gives_the_reason_and_both_are_told() -> None:
    one = gleaner(gate=UNGATED)
    outcomes = [one.step([shown(second, second % 16)])[0] for second in range(16)]
    both = [outcomes[n].decision for n in drawn(outcomes)]
    assert both
    for decision in both:
        assert decision is not None
        assert (decision.reason, decision.arm) == (Reason.NOVEL, "policy")
        assert (decision.drawn, decision.policy_keeps, decision.propensity) == (True, True, 1.0)


def test_what_was_drawn_is_remembered_as_sent() -> None:
    # Nothing is novel to the policy, for its quota is used up; only the lottery sends.
    one = gleaner(gate=UNGATED, quotas=Quotas(novel=("1/day",)))
    outcomes = play(one, range(60), 1)
    outcomes += play(one, range(60, 120), 2)
    decisions = [outcome.decision for outcome in outcomes[60:]]
    first = next(n for n, each in enumerate(decisions) if each is not None and each.drawn)
    assert all(each is not None and each.reason is Reason.OVER_BUDGET for each in decisions[:first])
    after = [each for each in decisions[first + 1 :] if each is not None and not each.keep]
    assert {each.reason for each in after} == {Reason.REDUNDANT}
    assert {each.nearest_id for each in after} <= {each.sample_id for each in outcomes}


def test_a_full_disk_alone_refuses_a_draw_and_then_nothing_had_a_chance() -> None:
    outcomes = play(gleaner(gate=UNGATED), range(60), room=False)
    assert drawn(outcomes)
    for outcome in outcomes:
        decision = outcome.decision
        assert decision is not None
        assert (decision.keep, outcome.sample_id, decision.propensity) == (False, None, 0.0)
        assert (decision.arm, decision.drawn) == ("policy", outcome.draw.drawn)
        if decision.drawn:
            assert decision.reason is Reason.OVER_BUDGET


QUOTAS = st.sampled_from([Quotas(), Quotas(novel=("1/day",)), Quotas(novel=("2/minute",))])
BUDGETS = st.sampled_from([None, "100000/day", "5000/hour"])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 15), min_size=20, max_size=60), QUOTAS, BUDGETS)
def test_no_quota_and_no_budget_changes_what_the_lottery_keeps(
    places: list[int], quotas: Quotas, budget: str | None
) -> None:
    def lucky(one: Gleaner) -> list[int]:
        outcomes = [one.step([shown(n, place)])[0] for n, place in enumerate(places)]
        for outcome in outcomes:
            decision = outcome.decision
            assert decision is not None
            assert decision.keep >= decision.drawn
            assert decision.keep == (decision.drawn or decision.policy_keeps)
            assert decision.policy_propensity == float(decision.policy_keeps)
            if decision.reason is Reason.OVER_BUDGET:
                assert decision.policy_propensity == 0
        return drawn(outcomes)

    # One bucket is spent before the first frame.
    limited = gleaner(gate=UNGATED, quotas=quotas, budget=budget)
    limited.judges.budgets.settle("a", "spent", 10**9)
    assert lucky(limited) == lucky(gleaner(gate=UNGATED))


def test_a_spent_budget_stops_the_policy_and_not_the_lottery() -> None:
    one = gleaner(gate=UNGATED, budget="100 MB/day", random=Random(rate="240/day", seed="s"))
    one.judges.budgets.settle("a", "event", 100_000_000)
    outcomes = [one.step([shown(n, n % 16)])[0] for n in range(3000)]
    kept = [outcome.decision for outcome in outcomes if outcome.sample_id is not None]
    assert kept
    assert {each.reason for each in kept if each is not None} == {Reason.RANDOM}


def test_a_budget_keeps_back_what_the_lottery_will_take() -> None:
    budget: dict[str, Any] = {"budget": "100/day", "gate": UNGATED}
    plain = gleaner(random=Random(enabled=False), **budget)
    with_lottery = gleaner(random=Random(rate="20/day"), **budget)
    greedy = gleaner(random=Random(rate="5000/day"), **budget)
    left = []
    for one in (plain, with_lottery, greedy):
        play(one, range(1))
        (facts,) = one.judges.budgets.facts()
        left.append(facts.left)
    # The first frame was kept; 3 in 100 are the reserve for bursts.
    assert left == pytest.approx([96, 76.6, 71.75], abs=0.01)
    assert greedy.judges.lotteries.facts()[0].propensity == pytest.approx(25 / 86_400)


def test_a_quota_holds_over_a_restart() -> None:
    settings: dict[str, Any] = {"gate": UNGATED, "random": Random(enabled=False)}
    one = gleaner(quotas=Quotas(novel=("2/hour",)), **settings)
    outcomes = [one.step([shown(n, n)])[0] for n in range(4)]
    assert [outcome.sample_id is not None for outcome in outcomes] == [True, True, False, False]
    again = gleaner(all_notes(outcomes), quotas=Quotas(novel=("2/hour",)), **settings)
    assert again.judges.reports == []
    after = [again.step([shown(n, n)])[0].decision for n in range(4, 8)]
    assert {each.reason for each in after if each is not None} == {Reason.OVER_BUDGET}


def test_the_lottery_goes_on_over_a_restart() -> None:
    one, whole = gleaner(gate=UNGATED), gleaner(gate=UNGATED)
    without = drawn(play(whole, range(120)))
    outcomes = play(one, range(60))
    again = gleaner((*all_notes(outcomes), *one.judges.drain()), gate=UNGATED)
    after = play(again, range(60, 120))
    assert [*drawn(outcomes), *(60 + n for n in drawn(after))] == without
    assert again.judges.lotteries.facts()[0].epoch == 1


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 99))
def test_killed_anywhere_the_same_frames_are_drawn_by_the_same_chance(cut: int) -> None:
    # Only what a sample carried is on the disk.
    without = [outcome.draw for outcome in play(gleaner(gate=UNGATED), range(100))]
    before = play(gleaner(gate=UNGATED), range(cut))
    after = play(gleaner(all_notes(before), gate=UNGATED), range(cut, 100))
    assert [outcome.draw for outcome in (*before, *after)] == without


def test_damaged_rows_are_reported_and_begin_anew() -> None:
    notes = (Note("lottery/a", 0, b"\xc1"), Note("quota/a", 0, b"\xc1"), Note("quota/b", 0, b""))
    one = gleaner(notes)
    assert [report.split(" begins anew")[0] for report in one.judges.reports] == [
        "lottery/a",
        "quota/a",
    ]
    assert play(one, range(1))[0].draw.epoch == 1


def all_notes(outcomes: Sequence[Outcome]) -> tuple[Note, ...]:
    rows = {(note.name, note.key): note for outcome in outcomes for note in outcome.notes}
    return tuple(rows.values())


def test_a_frame_that_one_quota_refuses_may_be_kept_for_a_later_reason() -> None:
    one = gleaner(
        gate=UNGATED,
        random=Random(enabled=False),
        quotas=Quotas(novel=("1/day",)),
        heartbeat=Heartbeat(every_s=5.0),
    )
    outcomes = [one.step([shown(n, n)])[0] for n in range(8)]
    reasons = [outcome.decision.reason for outcome in outcomes if outcome.decision is not None]
    over = Reason.OVER_BUDGET
    assert reasons == [Reason.NOVEL, over, over, over, over, Reason.HEARTBEAT, over, over]


def test_a_request_bypasses_the_gate_and_is_answered_once() -> None:
    one = gleaner(gate=Gate(max_gap_s=1e6), random=Random(enabled=False))
    before = play(one, range(3))
    assert one.capture("a", "one")
    assert not one.capture("a", "one")
    first, second = play(one, range(3, 5))
    assert first.decision is not None
    assert (first.decision.reason, first.decision.policy_propensity) == (Reason.COMMAND, 1.0)
    assert first.decision.nearest_id == before[0].sample_id
    assert second.gated
    with pytest.raises(KeyError):
        one.capture("b", "two")


def test_a_heartbeat_bypasses_the_gate() -> None:
    selection: dict[str, Any] = {"gate": Gate(max_gap_s=1e6), "random": Random(enabled=False)}
    one = gleaner(heartbeat=Heartbeat(every_s=10.0), **selection)
    kept = [n for n, outcome in enumerate(play(one, range(35))) if outcome.sample_id is not None]
    assert kept == [0, 10, 20, 30]


def test_what_a_person_asked_for_may_use_the_reserve() -> None:
    one = gleaner(gate=UNGATED, budget="100/day", random=Random(enabled=False))
    one.step([shown(0)])
    bucket = one.judges.budgets.of("a")._budgets[0].bucket
    bucket.spent, bucket.elapsed_ns = 77.0, bucket.amount.period_ns // 2
    assert one.capture("a", "one")
    decision = one.step([shown(1)])[0].decision
    assert decision is not None
    assert decision.keep
    bucket.spent = 100.0
    assert one.capture("a", "two")
    decision = one.step([shown(2)])[0].decision
    assert decision is not None
    assert decision.reason is Reason.OVER_BUDGET


def test_beyond_the_band_is_told_whatever_keeps_the_frame() -> None:
    near = {place: apart(distance, 16) for place, distance in ((0, 0.0), (1, 0.5), (2, 0.95))}

    def placed(pictures: Sequence[Planes]) -> Float32Array:
        return np.stack([near[int(each.y[0, 0])] for each in pictures])

    selection = Selection(
        gate=UNGATED, novelty=Novelty(ceiling=0.9), scene=Scene(enabled=False), random=OFTEN
    )
    numbers = count()
    camera = FileCamera(id="a", path="x")
    one = Gleaner(selection, [camera], placed, "space", lambda: f"id-{next(numbers)}", "policy", 8)
    play(one, range(1))
    outcomes = play(one, range(1, 60), 2)
    first = drawn(outcomes)[0]
    for outcome in outcomes[: first + 1]:
        decision = outcome.decision
        assert decision is not None
        assert decision.beyond_band
        assert decision.reason is (Reason.RANDOM if decision.drawn else Reason.BEYOND_BAND)
    later = [outcome.decision for outcome in outcomes[first + 1 :]]
    assert not any(each is not None and each.beyond_band for each in later)
