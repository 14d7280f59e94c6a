"""Frames that are kept because somebody or something asked, not for what they show."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gleancam.selectors.command import CommandSelector
from gleancam.selectors.heartbeat import HeartbeatSelector
from made_frames import SECOND_NS, apart, observed


def test_a_request_is_answered_once_however_often_it_comes() -> None:
    selector, frame = CommandSelector("p"), observed(apart(0))
    assert selector.request("one")
    assert not selector.request("one")
    assert selector.decide(frame).keep
    selector.learn(frame, "a")
    assert not selector.request("one")
    assert not selector.decide(frame).keep


def test_requests_that_wait_together_share_a_frame_and_a_refusal_is_an_answer() -> None:
    selector, frame = CommandSelector("p"), observed(apart(0))
    assert [selector.request(name) for name in ("one", "two")] == [True, True]
    selector.learn(frame, None)
    assert not selector.waiting


def test_a_frame_that_is_learnt_again_answers_no_later_request() -> None:
    selector = CommandSelector("p")
    early, late = observed(apart(0), 1), observed(apart(0), 2)
    for frame in (early, late):
        selector.learn(frame, None)
    selector.request("one")
    selector.learn(early, "a")
    assert selector.waiting
    selector.learn(observed(apart(0), 3), "b")
    assert not selector.waiting


def test_the_latest_256_requests_are_known() -> None:
    selector = CommandSelector("p")
    for number in range(300):
        assert selector.request(str(number))
    assert [selector.request(name) for name in ("299", "44")] == [False, False]
    assert selector.request("43")


def test_a_heart_beats_only_when_nothing_was_kept_for_an_interval() -> None:
    selector, beats = HeartbeatSelector("p", 10.0), []
    for second in range(60):
        frame = observed(apart(0), second)
        selector.opens_gate(frame.mono_ns)
        keep = selector.decide(frame).keep
        beats += [second] if keep else []
        selector.learn(frame, "novel" if second == 25 else "beat" if keep else None)
    assert beats == [10, 20, 35, 45, 55]


@given(st.floats(0.5, 1e5), st.lists(st.floats(0, 1e4), max_size=50))
def test_two_beats_lie_at_least_an_interval_apart(every_s: float, gaps_s: list[float]) -> None:
    selector, at_s, beats = HeartbeatSelector("p", every_s), 0.0, []
    for gap_s in gaps_s:
        at_s += gap_s
        frame = observed(apart(0), at_s)
        selector.opens_gate(frame.mono_ns)
        keep = selector.decide(frame).keep
        beats += [frame.mono_ns] if keep else []
        selector.learn(frame, "beat" if keep else None)
    assert all(after - before >= every_s * SECOND_NS for before, after in pairwise(beats))


def test_a_refused_beat_opens_the_gate_once_and_stays_due() -> None:
    selector = HeartbeatSelector("p", 10.0)
    opened = []
    for second in range(40):
        frame = observed(apart(0), second)
        if selector.opens_gate(frame.mono_ns):
            opened.append(second)
            selector.learn(frame, None)
    assert opened == [10]
    assert selector.decide(observed(apart(0), 40)).keep


def test_off_never_beats() -> None:
    selector = HeartbeatSelector("p", None)
    assert not selector.opens_gate(0)
    assert not selector.opens_gate(10**18)
    assert not selector.decide(observed(apart(0), 10**8)).keep
