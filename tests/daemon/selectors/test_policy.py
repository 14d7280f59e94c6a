from __future__ import annotations

import pytest

from gleancam.config.keys import Novelty
from gleancam.selectors.arrival import ArrivalSelector
from gleancam.selectors.novelty import NoveltySelector
from gleancam.selectors.past import Past
from gleancam.selectors.policy import Policy
from gleancam.types import Reason, SceneChange
from made_frames import apart, observed

SETTINGS = Novelty(threshold=0.2, capacity=32)
CHANGE = SceneChange("gate", "s", 0, 0, 0.9, 0.25)


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


def test_a_policy_without_novelty_is_refused() -> None:
    with pytest.raises(ValueError, match="novelty"):
        Policy(())
