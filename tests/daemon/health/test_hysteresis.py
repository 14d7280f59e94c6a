from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gleancam.health.hysteresis import Hysteresis

SECOND_NS = 10**9
EVIDENCE = st.lists(st.sampled_from([True, False, None]), max_size=60)


def states(evidence: list[bool | None], step_s: float = 1.0) -> list[bool]:
    state = Hysteresis(begin_s=2.0, end_s=3.0)
    return [
        state.feed(round(at * step_s * SECOND_NS), evidence=one) for at, one in enumerate(evidence)
    ]


def test_it_begins_and_ends_when_the_contrary_has_lasted() -> None:
    assert states([False, True, True, True]) == [False, False, True, True]
    on = [False, True, True]
    assert states([*on, False, False, False, False]) == [False, False, *[True] * 3, False, False]


def test_one_frame_after_a_gap_is_not_enough() -> None:
    assert states([False, True], step_s=100) == [False, False]


def test_what_comes_and_goes_changes_nothing() -> None:
    assert not any(states([False, True] * 50))


def test_no_evidence_keeps_the_state() -> None:
    assert states([False, True, True, *[None] * 20])[-1]


@given(EVIDENCE, st.floats(0.1, 5))
def test_it_changes_only_with_evidence_for_the_change(
    evidence: list[bool | None], step_s: float
) -> None:
    was = False
    for one, now in zip(evidence, states(evidence, step_s), strict=True):
        assert now in {was, one}
        was = now


@given(EVIDENCE)
def test_no_evidence_at_all_is_no_time_at_all(evidence: list[bool | None]) -> None:
    state = Hysteresis(begin_s=0, end_s=0)
    for one in evidence:
        before = state.on
        assert one is not None or state.feed(0, evidence=one) == before
