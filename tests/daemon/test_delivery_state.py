from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gleancam.delivery.actions import Await, Bury, Free, Hurry, Postpone, Reset, Shrink, joint
from gleancam.delivery.state import (
    LONGEST_HOLD_NS,
    OUTAGE_REFUSALS,
    SECOND_NS,
    DeliveryState,
    Policy,
)
from gleancam.sinks.base import (
    Accepted,
    Connected,
    Disconnected,
    Ingested,
    Limits,
    Nudge,
    Presence,
    Refused,
    Rejected,
)

INGEST = Policy("ingest", 60 * SECOND_NS)
PUBACK = Policy("puback", 60 * SECOND_NS)
BROKEN = "cable"


def connected(policy: Policy = PUBACK, receive_maximum: int = 100) -> DeliveryState:
    state = DeliveryState(policy)
    state.receive(Connected(Limits(receive_maximum, None), 7), 0)
    return state


def refused(parcel_id: str) -> Refused:
    return Refused(parcel_id, "nobody subscribed", permanent=False)


def test_without_a_session_there_is_no_room() -> None:
    assert DeliveryState(PUBACK).room(0) == 0
    assert connected().room(0) == 10
    assert connected().session == 7


def test_without_a_consumer_everything_is_held() -> None:
    state = connected(INGEST)
    assert state.room(0) == 0
    state.receive(Presence(online=True), 0)
    assert state.room(0) == 10
    state.receive(Presence(online=False), 0)
    assert state.room(0) == 0


def test_presence_ends_with_the_session() -> None:
    state = connected(INGEST)
    state.receive(Presence(online=True), 0)
    state.receive(Disconnected(BROKEN), 0)
    state.receive(Connected(Limits(20, None), 8), 0)
    assert state.room(0) == 0


def test_puback_frees_or_begins_the_wait_for_a_consumer() -> None:
    state = connected(PUBACK)
    state.handed_over("a", 2)
    assert state.receive(Accepted("a"), 0) == (Free(("a",)),)
    assert state.outstanding == 0
    state = connected(INGEST)
    state.handed_over("a", 2)
    assert state.receive(Accepted("a"), 0) == (Await(("a",)),)
    assert state.outstanding == 1
    assert state.receive(Ingested(("a", "unknown")), 0) == (Free(("a", "unknown")),)
    assert state.outstanding == 0
    assert state.receive(Ingested(("a",)), 0) == (Free(("a",)),), "again is fine"


def test_an_answer_to_nothing_changes_nothing() -> None:
    state = connected()
    assert state.receive(Accepted("a"), 0) == ()
    assert state.receive(refused("a"), 0) == ()
    assert state.receive(Nudge(), 0) == ()
    assert state.room(0) == 10


def test_a_consumers_rejection_is_final() -> None:
    state = connected(INGEST)
    state.handed_over("a", 2)
    (burial,) = state.receive(Rejected("a", "blurred"), 0)
    assert isinstance(burial, Bury)
    assert "blurred" in burial.why
    assert state.outstanding == 0


def test_too_large_is_shrunk_and_never_is_never() -> None:
    state = connected()
    state.handed_over("a", 2)
    large = Refused("a", "too large", permanent=True, image_limit_bytes=500)
    assert state.receive(large, 0) == (Shrink("a", 500),)
    state.handed_over("b", 2)
    assert state.receive(Refused("b", "why", permanent=True), 0) == (Bury("b", "why"),)
    assert state.room(0) == 10, "neither is a reason to wait"


def test_a_lost_session_resets_what_was_in_flight() -> None:
    state = connected()
    state.handed_over("a", 2)
    state.handed_over("b", 2)
    assert state.receive(Disconnected(BROKEN), 0) == (Reset(),)
    assert state.receive(Disconnected(BROKEN), 0) == ()
    assert (state.outstanding, state.room(0)) == (0, 0)


def test_a_session_that_begins_without_the_end_of_the_last_resets_too() -> None:
    state = connected()
    state.handed_over("a", 2)
    assert state.receive(Connected(Limits(20, None), 8), 0) == (Reset(),)


def test_refusals_make_it_wait_longer_and_try_one() -> None:
    state, now = connected(), 0
    spans = []
    for number in range(10):
        while state.room(now) == 0:
            now += SECOND_NS // 2
        assert state.room(now) == (10 if number == 0 else 1)
        state.handed_over(str(number), 2)
        if number:
            assert state.room(now) == 0, "one at a time"
        before = now
        assert state.receive(refused(str(number)), now) == (Postpone((str(number),)),)
        while state.room(now) == 0:
            now += SECOND_NS // 2
        spans.append((now - before) // SECOND_NS)
    assert spans == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert max(spans) * SECOND_NS == LONGEST_HOLD_NS


def test_one_burst_of_refusals_is_one() -> None:
    state = connected()
    for name in "abcdefghij":
        state.handed_over(name, 2)
    for name in "abcdefghij":
        state.receive(refused(name), 5)
    assert state.room(5 + SECOND_NS) == 1


def test_the_end_of_an_outage_hurries_what_was_postponed() -> None:
    state, now = connected(), 0
    for number in range(OUTAGE_REFUSALS):
        state.handed_over(str(number), 2)
        state.receive(refused(str(number)), now)
        now += LONGEST_HOLD_NS
    state.handed_over("x", 2)
    assert state.receive(Accepted("x"), now) == (Free(("x",)), Hurry())
    assert state.room(now) == 10


def test_one_odd_parcel_is_no_outage() -> None:
    state = connected()
    state.handed_over("odd", 2)
    state.receive(refused("odd"), 0)
    state.handed_over("x", 2)
    assert state.receive(Accepted("x"), SECOND_NS) == (Free(("x",)),)


def test_a_parcel_that_ends_every_connection_goes_and_the_others_pass() -> None:
    """The line: whatever is in flight with `poison` is lost with the connection."""
    waiting = ["poison", *(f"p{number}" for number in range(40))]
    state, freed, buried, session = DeliveryState(PUBACK), [], [], 0
    for _ in range(200):
        session += 1
        state.receive(Connected(Limits(20, None), session), 0)
        batch = waiting[: state.room(0)]
        waiting = waiting[len(batch) :]
        for name in batch:
            state.handed_over(name, 2)
        if "poison" not in batch:
            for name in batch:
                state.receive(Accepted(name), 0)
                freed.append(name)
            continue
        later: list[str] = []
        actions = state.receive(Disconnected(BROKEN), 0)
        for action in actions:
            buried += [action.parcel_id] if isinstance(action, Bury) else []
            later += action.parcel_ids if isinstance(action, Postpone) else ()
        back = [name for name in batch if name not in later + buried]
        waiting = back + waiting[:3] + later + waiting[3:]
    assert buried == ["poison"]
    assert sorted(freed) == sorted(f"p{number}" for number in range(40))


def test_a_line_on_which_nothing_passes_blames_nobody() -> None:
    state = DeliveryState(PUBACK)
    for session in range(500):
        state.receive(Connected(Limits(20, None), session), 0)
        state.handed_over(f"p{session % 3}", 2)
        actions = state.receive(Disconnected(BROKEN), 0)
        assert not any(isinstance(action, Bury) for action in actions)


def test_silence_is_judged_only_after_a_consumer_had_time() -> None:
    state = connected(INGEST)
    assert not state.may_expire(10**18)
    state.receive(Presence(online=True), 100)
    state.receive(Presence(online=True), 100 + 30 * SECOND_NS)
    assert not state.may_expire(100 + 60 * SECOND_NS - 1)
    assert state.may_expire(100 + 60 * SECOND_NS)


def test_neighbours_of_one_kind_are_joined() -> None:
    assert joint(Free(("a",)), Free(("b",))) == Free(("a", "b"))
    assert joint(Await(("a",)), Await(("b",))) == Await(("a", "b"))
    assert joint(Free(("a",)), Await(("b",))) is None
    assert joint(Reset(), Reset()) is None


@given(st.integers(1, 70_000), st.lists(st.integers(1, 2), max_size=60))
def test_the_windows_hold(receive_maximum: int, sizes: list[int]) -> None:
    state = connected(PUBACK, receive_maximum)
    in_flight = 0
    for number, size in enumerate(sizes):
        if state.room(0) == 0:
            break
        state.handed_over(str(number), size)
        in_flight += size
    window = min(receive_maximum, PUBACK.unanswered_messages)
    assert in_flight <= max(window, 2)


def test_what_is_handed_over_ahead_comes_on_top_of_the_window() -> None:
    state = connected(replace(PUBACK, ahead_messages=6), 10)
    for number in range(5):
        state.handed_over(str(number), 2)
    assert (state.stocked, state.room(0)) == (False, 3)
    state.handed_over("5", 2)
    assert (state.stocked, state.room(0)) == (True, 2)


def test_what_was_set_back_has_half_of_the_window() -> None:
    state = DeliveryState(INGEST)
    state.receive(Connected(Limits(100, None), 1), 0)
    state.receive(Presence(online=True), 0)
    for number in range(40):
        assert state.room_again(0) == min(10, 32 - number) or number >= 32
        state.handed_over(str(number), 2, again=number < 32)
        state.receive(Accepted(str(number)), 0)
    assert (state.room(0), state.room_again(0)) == (10, 0)
    state.receive(Ingested(("0", "39")), 0)
    state.expired(("1",))
    assert state.room_again(0) == 2
    for one in ("a", "b"):
        state.handed_over(one, 2, again=True)
    assert state.room_again(0) == 0
    state.not_handed_over("a")
    state.receive(refused("b"), 0)
    assert state.room_again(SECOND_NS) == 1, "a probe"
    state.handed_over("c", 2, again=True)
    state.receive(Accepted("c"), SECOND_NS)
    assert state.room_again(SECOND_NS) == 1
    state.handed_over("d", 2, again=True)
    state.receive(Disconnected(BROKEN), SECOND_NS)
    state.receive(Connected(Limits(100, None), 2), SECOND_NS)
    state.receive(Presence(online=True), SECOND_NS)
    assert state.room_again(SECOND_NS) == 1, "what is still awaited counts, what was lost does not"


class Windows(RuleBasedStateMachine):
    """Any events in any order: the windows hold, and nothing outstanding is forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.state = DeliveryState(INGEST)
        self.now = 0
        self.count = 0
        self.in_flight: set[str] = set()
        self.sent: set[str] = set()
        self.again: set[str] = set()
        self.up = self.online = False

    @rule(receive_maximum=st.integers(1, 100))
    def connect(self, receive_maximum: int) -> None:
        self.state.receive(Connected(Limits(receive_maximum, None), 1), self.now)
        self.in_flight.clear()
        self.up, self.online = True, False

    @rule()
    def disconnect(self) -> None:
        self.state.receive(Disconnected(BROKEN), self.now)
        self.in_flight.clear()
        self.up = self.online = False

    @precondition(lambda self: self.up)
    @rule(online=st.booleans())
    def presence(self, online: bool) -> None:  # noqa: FBT001 - hypothesis passes it by name
        self.state.receive(Presence(online), self.now)
        self.online = online

    @rule(seconds=st.integers(0, 100))
    def wait(self, seconds: int) -> None:
        self.now += seconds * SECOND_NS

    @rule(again=st.booleans())
    def send(self, again: bool) -> None:  # noqa: FBT001 - hypothesis passes it by name
        room = self.state.room_again(self.now) if again else self.state.room(self.now)
        for _ in range(room):
            self.count += 1
            self.state.handed_over(str(self.count), 2, again=again)
            self.in_flight.add(str(self.count))
            self.again |= {str(self.count)} if again else set()

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(sorted(self.in_flight)))
        self.in_flight.discard(one)
        if data.draw(st.booleans()):
            self.state.receive(Accepted(one), self.now)
            self.sent.add(one)
        else:
            self.state.receive(refused(one), self.now)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def ingest(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(sorted(self.sent)))
        self.sent.discard(one)
        self.state.receive(Ingested((one,)), self.now)

    @precondition(lambda self: self.sent)
    @rule()
    def expire(self) -> None:
        self.state.expired(tuple(self.sent))
        self.sent.clear()

    @invariant()
    def windows(self) -> None:
        assert self.state.outstanding == len(self.in_flight) + len(self.sent)
        room = self.state.room(self.now)
        assert 0 <= room <= 64 - self.state.outstanding or room == 0
        assert room == 0 or (self.up and self.online)
        assert 2 * (len(self.in_flight) + room) <= 20
        self.again &= self.in_flight | self.sent
        assert self.state.room_again(self.now) == min(room, 32 - len(self.again))
        assert len(self.again) <= 32


TestWindows = Windows.TestCase
TestWindows.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
