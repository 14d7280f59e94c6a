"""The checker can fail: each known defect is found, with the shortest way to it."""

from __future__ import annotations

import pytest

from gleancam.delivery.actions import Action, Free
from gleancam.delivery.state import DeliveryState
from protocol.bounds import Bounds, Rules
from protocol.explorer import Violation
from protocol.lawful import violation
from protocol.some_faults import NOTHING
from protocol.world import Faults


class FreesOnPuback(DeliveryState):
    def _accepted(self, parcel_id: str) -> tuple[Action, ...]:
        known = super()._accepted(parcel_id)
        self._sent.discard(parcel_id)
        return (Free((parcel_id,)),) if known else ()


class KeepsItsWindowWhenCut(DeliveryState):
    def _disconnected(self) -> tuple[Action, ...]:
        before = dict(self._in_flight)
        actions = super()._disconnected()
        self._in_flight = before
        return actions


class HasNoWindow(DeliveryState):
    def room(self, now_ns: int) -> int:
        return 9 if self.may_send(now_ns) else 0


def broken(rules: Rules, **faults: int) -> Violation:
    bounds = Bounds(
        "ingest",
        unacknowledged_parcels=1,
        faults=NOTHING._replace(total=sum(faults.values()), **faults),
        rules=rules,
    )
    return violation(bounds)


def test_freeing_when_the_broker_has_it_is_found() -> None:
    found = broken(Rules(delivery=FreesOnPuback))
    assert "the consumer does not have it" in found.law
    assert "reads Accepted" in found.trace[-1]


def test_acknowledging_before_the_durable_write_is_found() -> None:
    found = broken(Rules(writes_before_ack=False))
    assert "the consumer does not have it" in found.law
    assert "reads Ingested" in found.trace[-1]


def test_rows_left_in_flight_by_a_crash_are_found() -> None:
    found = broken(Rules(restart_resets=False), crash=1)
    assert found.trace[-2:] == ("the daemon crashes", "the daemon starts")
    assert "the rows say" in found.law


def test_a_consumer_that_forgets_what_it_has_is_found() -> None:
    found = broken(Rules(remembers=False), consumer=1)
    assert "2 times" in found.law
    assert "the consumer crashes" in found.trace


def test_a_window_that_leaks_at_a_disconnection_is_found() -> None:
    assert "delivery remembers" in broken(Rules(delivery=KeepsItsWindowWhenCut), cut=1).law


def test_a_window_that_leaks_when_a_sent_parcel_becomes_too_old_is_found() -> None:
    found = broken(Rules(delivery_hears_of_age=False), age=1)
    assert "delivery remembers" in found.law
    assert "becomes too old" in found.trace[-1]


def test_sending_beyond_the_window_is_found() -> None:
    assert "parcels are on their way" in broken(Rules(delivery=HasNoWindow)).law


def lost_by_puback(rules: Rules, faults: Faults) -> Violation:
    bounds = Bounds("puback", parcels=1, faults=faults, rules=rules)
    return violation(bounds)


@pytest.mark.parametrize("culprit", ["broker", "consumer"])
def test_puback_does_lose_what_its_weaker_law_lets_go(culprit: str) -> None:
    faults = NOTHING._replace(total=1, **{culprit: 1})
    found = lost_by_puback(Rules(may_lose=False), faults)
    assert "nobody has it" in found.law
    assert f"the {culprit} crashes" in found.trace[-1]


def test_a_broker_that_does_not_say_that_nobody_subscribed_loses_in_puback() -> None:
    found = lost_by_puback(Rules(may_lose=False, answers_nobody=False), NOTHING)
    assert "nobody has it" in found.law
    assert "reads Accepted" in found.trace[-1]
