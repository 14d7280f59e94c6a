from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gleancam.config.selection_keys import Novelty
from gleancam.selectors.arrival import ArrivalSelector
from gleancam.selectors.novelty import NoveltySelector
from gleancam.selectors.observation import Observation
from gleancam.selectors.past import Past
from gleancam.selectors.policy import ORDER, Policy
from gleancam.types import Decision, Reason, SceneChange
from made_frames import SECOND_NS, apart, observed

SETTINGS = Novelty(threshold=0.2, capacity=32)
BAND = replace(SETTINGS, ceiling=0.7)
CHANGE = SceneChange("gate", "s", 1, 1, 0.9, 0.25)


def pair() -> tuple[ArrivalSelector, Policy]:
    past = Past(SETTINGS)
    arrival = ArrivalSelector("p", past)
    return arrival, Policy((arrival, NoveltySelector("p", past)))


def test_the_first_selector_that_keeps_gives_the_reason() -> None:
    arrival, policy = pair()
    arrival.arrive((CHANGE,))
    assert policy.decide(observed(apart(0))).reason is Reason.SCENE_CHANGE
    arrival.arrive(())
    assert policy.decide(observed(apart(0))).reason is Reason.NOVEL


def test_when_none_keeps_the_last_one_answers() -> None:
    _, policy = pair()
    policy.learn(observed(apart(0)), "a")
    decision = policy.decide(observed(apart(0.1)))
    assert (decision.keep, decision.reason) == (False, Reason.REDUNDANT)
    assert decision.threshold == SETTINGS.threshold


def test_a_new_scene_close_to_what_was_kept_needs_less_distance() -> None:
    arrival, policy = pair()
    policy.learn(observed(apart(0)), "a")
    arrival.arrive((CHANGE,))
    assert policy.decide(observed(apart(0.17))).reason is Reason.SCENE_CHANGE
    assert not policy.decide(observed(apart(0.1))).keep


@pytest.mark.parametrize("late_s", [None, 10])
def test_a_scene_of_which_a_frame_was_kept_does_not_arrive_again(late_s: float | None) -> None:
    arrival, policy = pair()
    policy.learn(observed(apart(0), 12), "a")
    if late_s is not None:
        policy.learn(observed(apart(0.1), late_s), "late")
    change = SceneChange("gate", "s", 11 * SECOND_NS, 11 * SECOND_NS, 0.9, 0.25)
    arrival.arrive((change,))
    assert policy.decide(observed(apart(0.9), 13)).reason is Reason.NOVEL


def test_a_policy_without_novelty_is_refused() -> None:
    with pytest.raises(ValueError, match="novelty"):
        Policy(())


class Always:
    """Wants every frame for one reason."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason

    def decide(self, observation: Observation) -> Decision:
        del observation
        return Decision(keep=True, reason=self.reason, score=1, threshold=1, policy_id="p")

    def learn(self, observation: Observation, kept_id: str | None) -> None:
        del observation, kept_id


@given(st.permutations(ORDER), st.sets(st.sampled_from(ORDER)))
def test_the_first_reason_in_the_order_that_is_granted_decides(
    built: list[Reason], granted: set[Reason]
) -> None:
    policy = Policy([Always(reason) for reason in built])
    decision = policy.decide(observed(apart(0)), lambda wish: wish.reason in granted)
    first = next((reason for reason in ORDER if reason in granted), None)
    assert decision.keep == (first is not None)
    assert decision.reason is (first or Reason.OVER_BUDGET)
    assert decision.propensity == decision.policy_propensity == float(decision.keep)
    assert decision.policy_keeps == decision.keep


def test_the_order_is_the_documented_one() -> None:
    names = [reason.value for reason in ORDER]
    assert names == ["command", "scene_change", "near", "novel", "heartbeat"]


def test_one_selector_a_reason() -> None:
    with pytest.raises(ValueError, match="one selector a reason"):
        Policy([Always(Reason.NOVEL), Always(Reason.NOVEL)])


def test_whatever_decides_tells_how_novel_the_frame_is_and_what_is_nearest() -> None:
    policy = Policy((Always(Reason.HEARTBEAT), NoveltySelector("p", Past(SETTINGS))))
    policy.learn(observed(apart(0)), "a")
    decision = policy.decide(observed(apart(0.1)))
    assert (decision.reason, decision.score) == (Reason.HEARTBEAT, 1)
    assert decision.novelty == pytest.approx(0.1, abs=1e-6)
    assert decision.nearest_id == "a"


def test_what_lies_beyond_the_band_is_not_novel_and_may_be_kept_for_another_reason() -> None:
    novelty = NoveltySelector("p", Past(SETTINGS), settings=BAND)
    assert novelty.decide(observed(apart(0))).keep, "nothing was kept: there is no band"
    for selectors, reason in (
        ((novelty,), Reason.BEYOND_BAND),
        ((novelty, Always(Reason.HEARTBEAT)), Reason.HEARTBEAT),
    ):
        policy = Policy(selectors)
        policy.learn(observed(apart(0)), "a")
        decision = policy.decide(observed(apart(0.8), 60))
        assert decision.reason is reason
        assert (decision.beyond_band, decision.novelty) == (True, 0.0)
        assert policy.decide(observed(apart(0.65), 60)).reason is Reason.NOVEL


def test_a_covered_lens_stays_beyond_the_band_however_long_it_lasts() -> None:
    policy = Policy((NoveltySelector("p", Past(SETTINGS), settings=BAND),))
    policy.learn(observed(apart(0)), "a")
    for second in range(100):
        frame = observed(apart(0.9), second)
        assert policy.decide(frame).reason is Reason.BEYOND_BAND
        policy.learn(frame, None)
