"""What the model carries from step to step is all that the real objects know."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gleancam.delivery.state import DeliveryState, Policy
from gleancam.sinks.base import Accepted, Connected, Disconnected, Limits, Presence, Refused
from protocol.memory import NOW_NS, freeze, thaw

POLICY = Policy("ingest", 1, 4, 3)
NAMES = st.sampled_from(["parcel-0", "parcel-1"])
EVENTS = st.one_of(
    st.just(Connected(Limits(3, None), 1)),
    st.just(Disconnected("")),
    st.builds(Presence, st.booleans()),
    st.builds(Accepted, NAMES),
    st.builds(Refused, NAMES, st.just("why"), st.booleans()),
)


def test_every_field_is_carried() -> None:
    assert set(vars(DeliveryState(POLICY))) == {
        "_policy",
        "_in_flight",
        "_sent",
        "_again",
        "limits",
        "_online_since_ns",
        "_hold_until_ns",
        "_refusals",
        "_fruitless",
        "_suspects",
        "session",
    }


@given(st.lists(st.one_of(EVENTS, NAMES), max_size=40))
def test_a_thawed_state_decides_as_the_one_that_was_frozen(script: list[object]) -> None:
    state = DeliveryState(POLICY)
    for one in script:
        again = thaw(freeze(state), DeliveryState, POLICY)
        if isinstance(one, str):
            state.handed_over(one, 2, again=one == "parcel-1")
            again.handed_over(one, 2, again=one == "parcel-1")
        else:
            assert state.receive(one, NOW_NS) == again.receive(one, NOW_NS)  # type: ignore[arg-type]
        assert freeze(again) == freeze(state)
        assert again.room(NOW_NS) == state.room(NOW_NS)
        assert again.room_again(NOW_NS) == state.room_again(NOW_NS)
