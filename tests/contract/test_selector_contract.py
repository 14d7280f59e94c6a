"""Every selector keeps the promises of `selectors.base.Selector`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gleancam.config.selection_keys import Novelty
from gleancam.selectors.arrival import ArrivalSelector
from gleancam.selectors.base import Selector
from gleancam.selectors.command import CommandSelector
from gleancam.selectors.heartbeat import HeartbeatSelector
from gleancam.selectors.near import NearSelector, NearTag
from gleancam.selectors.novelty import NoveltySelector
from gleancam.selectors.observation import Observation
from gleancam.selectors.past import Past
from gleancam.types import Decision, Reason, SceneChange
from made_frames import observed, unit

SETTINGS = Novelty(threshold=0.1, capacity=16)


def arrived() -> Selector:
    selector = ArrivalSelector("policy-1", Past(SETTINGS))
    selector.arrive((SceneChange("gate", "s", 0, 0, 0.9, 0.25),))
    return selector


def commanded() -> Selector:
    selector = CommandSelector("policy-1")
    selector.request("request-1")
    return selector


def near() -> Selector:
    tag = NearTag("door", np.stack([unit(1, 0, 0, 0, 0), unit(1, 2, 3, 0, 0)]), 0.6, Past(SETTINGS))
    return NearSelector("policy-1", Past(SETTINGS), [tag])


SELECTORS: dict[str, Callable[[], Selector]] = {
    "novelty": lambda: NoveltySelector("policy-1", Past(SETTINGS)),
    "novelty to a camera and the site": lambda: NoveltySelector(
        "policy-1", Past(SETTINGS), Past(SETTINGS, 0.5)
    ),
    "novelty in a band": lambda: NoveltySelector(
        "policy-1", Past(SETTINGS), settings=replace(SETTINGS, ceiling=0.6, refractory_s=2.0)
    ),
    "arrival": arrived,
    "command": commanded,
    "heartbeat": lambda: HeartbeatSelector("policy-1", 3.0),
    "heartbeat that is off": lambda: HeartbeatSelector("policy-1", None),
    "near": near,
}
COMPARING = [name for name in SELECTORS if name.startswith(("novelty", "arrival", "near"))]


@pytest.fixture(params=SELECTORS)
def new(request: pytest.FixtureRequest) -> Callable[[], Selector]:
    return SELECTORS[request.param]


@pytest.fixture(params=COMPARING)
def comparing(request: pytest.FixtureRequest) -> Callable[[], Selector]:
    """Those that look for the nearest kept frame."""
    return SELECTORS[request.param]


@st.composite
def films(draw: st.DrawFn) -> list[Observation]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(1, 40))
    return [observed(unit(*rng.normal(size=5)), at_s) for at_s in range(count)]


def play(selector: Selector, film: list[Observation]) -> list[Decision]:
    decisions = []
    for number, frame in enumerate(film):
        decisions.append(selector.decide(frame))
        selector.learn(frame, str(number) if decisions[-1].keep else None)
    return decisions


# The fixture is a function that makes a new selector for every example.
same_fixture = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40
)


@same_fixture
@given(film=films())
def test_the_same_film_gives_the_same_decisions(
    new: Callable[[], Selector], film: list[Observation]
) -> None:
    assert play(new(), film) == play(new(), film)


@same_fixture
@given(film=films())
def test_deciding_changes_nothing(new: Callable[[], Selector], film: list[Observation]) -> None:
    selector = new()
    play(selector, film[:-1])
    assert len({selector.decide(film[-1]) for _ in range(3)}) == 1


@same_fixture
@given(film=films())
def test_every_decision_says_why_and_by_how_much(
    new: Callable[[], Selector], film: list[Observation]
) -> None:
    selector = new()
    known = {str(number) for number in range(len(film))}
    for decision in play(selector, film):
        beyond = decision.reason is Reason.BEYOND_BAND
        assert decision.reason in {selector.reason, Reason.REDUNDANT, Reason.BEYOND_BAND}
        assert decision.keep == (decision.reason is selector.reason)
        assert (decision.keep or beyond) == (decision.score >= decision.threshold)
        assert 0 <= decision.score <= 2
        assert decision.policy_id == "policy-1"
        assert decision.nearest_id in known | {None}


def test_a_kept_frame_shown_again_is_redundant(comparing: Callable[[], Selector]) -> None:
    selector, frame = comparing(), observed(unit(1, 2, 3, 0, 0))
    assert selector.decide(frame).keep
    selector.learn(frame, "a")
    again = selector.decide(observed(unit(1, 2, 3, 0, 0), 60))
    assert not again.keep
    assert again.nearest_id == "a"


def test_a_frame_kept_for_another_reason_is_known_too(
    comparing: Callable[[], Selector],
) -> None:
    selector = comparing()
    selector.learn(observed(unit(1, 0, 0, 0, 0)), "a")
    assert selector.decide(observed(unit(1, 0.01, 0, 0, 0), 60)).nearest_id == "a"


def test_whatever_was_kept_satisfies_who_only_wants_a_frame() -> None:
    for selector in (commanded(), HeartbeatSelector("policy-1", 3.0)):
        selector.learn(observed(unit(1, 0, 0)), "a")
        assert not selector.decide(observed(unit(1, 0, 0), 1)).keep
