from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.config.selection_keys import Uncertain
from gleancam.selectors.uncertain import UncertainSelector
from gleancam.types import Decision, Reason
from made_frames import apart, observed

SETTINGS = Uncertain(enabled=True, threshold=0.8, every_s=10.0)
REDUNDANT = Decision(
    keep=False,
    reason=Reason.REDUNDANT,
    score=0.05,
    threshold=0.2,
    policy_id="p",
    nearest_id="a",
    novelty=0.05,
)


@pytest.mark.parametrize(("found", "keep"), [(0.0, False), (0.79, False), (0.8, True), (1.0, True)])
def test_from_the_threshold_on_a_frame_is_kept(found: float, *, keep: bool) -> None:
    decision = UncertainSelector("p", SETTINGS).decide(REDUNDANT, found)
    assert decision.keep is keep
    assert decision.reason is (Reason.UNCERTAIN if keep else Reason.REDUNDANT)
    assert (decision.score, decision.threshold) == (found, 0.8)
    assert (decision.novelty, decision.nearest_id) == (0.05, "a")


@pytest.mark.parametrize("reason", [each for each in Reason if each is not Reason.REDUNDANT])
def test_only_what_was_redundant_is_looked_at(reason: Reason) -> None:
    selector = UncertainSelector("p", SETTINGS)
    assert selector.wants(observed(apart(0)), REDUNDANT)
    assert not selector.wants(observed(apart(0)), replace(REDUNDANT, reason=reason))


def test_a_featureless_picture_is_not_looked_at() -> None:
    selector = UncertainSelector("p", SETTINGS)
    assert not selector.wants(observed(apart(0), featureless=True), REDUNDANT)


def test_switched_off_it_wants_nothing() -> None:
    assert not UncertainSelector("p", Uncertain()).wants(observed(apart(0)), REDUNDANT)


@given(st.lists(st.floats(0, 30), min_size=1, max_size=50))
def test_looks_are_every_s_apart_by_the_frames_clock(gaps_s: list[float]) -> None:
    selector = UncertainSelector("p", SETTINGS)
    looked_s: list[float] = []
    now_s = 0.0
    for gap_s in gaps_s:
        now_s += gap_s
        frame = observed(apart(0), now_s)
        if selector.wants(frame, REDUNDANT):
            looked_s.append(now_s)
            selector.looked(frame)
    assert looked_s[0] == gaps_s[0]
    assert all(b - a >= 10 - 1e-6 for a, b in pairwise(looked_s))
