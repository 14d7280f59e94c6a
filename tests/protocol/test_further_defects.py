"""Defects of held pictures, of what is ahead of the window, and of several consumers are found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gleancam.delivery.actions import Action
from gleancam.delivery.state import DeliveryState
from gleancam.sinks.consumers import Consumers
from protocol.bounds import Bounds, Rules
from protocol.delivery_model import DeliveryModel
from protocol.explorer import Step, Violation
from protocol.lawful import violation
from protocol.numbering import HELD_FROM, is_manifest, picture_of
from protocol.rows import AGAIN, FREED, HELD, INFLIGHT, NONE, READY, Rows, move
from protocol.some_faults import NOTHING, one_of
from protocol.world import Faults, World


def held(rules: Rules, faults: Faults = NOTHING, asks: int = 1) -> Violation:
    return violation(Bounds("ingest", parcels=0, held=1, asks=asks, faults=faults, rules=rules))


def deletes_the_picture_with_its_manifest(
    rows: Rows, call: str, parcels: Iterable[int] | None = None
) -> Rows:
    moved = move(rows, call, parcels)
    fresh = [HELD, NONE] if call == "gone" else []
    return tuple(
        NONE if [now, before] == fresh else now for before, now in zip(rows, moved, strict=True)
    )


def forgets_what_was_fetched(rows: Rows, call: str, parcels: Iterable[int] | None = None) -> Rows:
    moved = move(rows, call, parcels)
    if call not in {"reset_in_flight", "restart"}:
        return moved
    pictures = range(HELD_FROM + 1, len(rows), 2)
    return tuple(
        HELD if at in pictures and rows[at] == INFLIGHT and state == READY else state
        for at, state in enumerate(moved)
    )


def has_one_name_for_both(rows: Rows, call: str, parcels: Iterable[int] | None = None) -> Rows:
    chosen = tuple(range(len(rows)) if parcels is None else parcels)
    late = [one for one in chosen if is_manifest(one) and rows[one] == FREED]
    meant = [*chosen, *map(picture_of, late)] if call == "gone" else chosen
    return move(rows, call, meant)


def test_a_picture_deleted_when_its_manifest_is_confirmed_is_found() -> None:
    found = held(Rules(spool=deletes_the_picture_with_its_manifest))
    assert "its picture none" in found.law
    assert "reads Ingested" in found.trace[-1]


def test_a_fetched_picture_forgotten_on_reset_is_found() -> None:
    found = held(Rules(spool=forgets_what_was_fetched), one_of("cut"))
    assert "promised" in found.law
    assert "reads Disconnected" in found.trace[-1]


def test_a_fetched_picture_forgotten_at_a_restart_is_found() -> None:
    found = held(Rules(spool=forgets_what_was_fetched), one_of("crash"))
    assert "promised" in found.law
    assert found.trace[-1] == "the daemon starts"


def test_a_picture_with_the_name_of_its_manifest_is_found() -> None:
    found = held(Rules(spool=has_one_name_for_both), one_of("again"))
    assert "the consumer does not have it" in found.law
    assert any("not for the last time" in step for step in found.trace)


def test_a_fetch_that_a_power_cut_takes_back_is_found() -> None:
    found = held(Rules(fetching_waits_for_the_disk=False), one_of("power"))
    assert "promised" in found.law
    assert "takes back the fetching" in found.trace[-1]


class KeepsWhatIsAheadWhenCut(DeliveryState):
    def _disconnected(self) -> tuple[Action, ...]:
        ahead = dict([*self._in_flight.items()][self._window :])
        actions = super()._disconnected()
        self._in_flight = ahead
        return actions


class GoesAheadForEachParcel(DeliveryState):
    def _room_for_messages(self) -> int:
        return (self._window + self._policy.ahead_messages) // 2


def ahead(delivery: type[DeliveryState], faults: Faults, parcels: int = 2) -> Violation:
    bounds = Bounds(
        "ingest",
        parcels=parcels,
        receive_maximum=1,
        unacknowledged_parcels=parcels,
        ahead=3 if parcels == 2 else 1,
        faults=faults,
        rules=Rules(delivery=delivery),
    )
    return violation(bounds)


def test_what_is_ahead_and_not_given_back_on_disconnect_is_found() -> None:
    found = ahead(KeepsWhatIsAheadWhenCut, one_of("cut"))
    assert "delivery remembers" in found.law
    assert "reads Disconnected" in found.trace[-1]


def test_going_ahead_further_for_each_parcel_is_found() -> None:
    assert "messages are handed over" in ahead(GoesAheadForEachParcel, NOTHING, parcels=3).law


class LastWordHolds(Consumers):
    """One that leaves speaks for all."""

    @property
    def any_online(self) -> bool:
        return self._last

    def __init__(self) -> None:
        super().__init__()
        self._last = False

    def update(self, consumer: str, *, online: bool) -> bool:
        super().update(consumer, online=online)
        self._last = online
        return True


def test_an_acknowledgement_of_what_another_consumer_takes_is_found() -> None:
    found = violation(
        Bounds(
            "ingest",
            filters=((0,), (1,)),
            faults=NOTHING,
            rules=Rules(acknowledges_only_its_own=False),
        )
    )
    assert "the consumer does not have it" in found.law
    assert "reads Ingested" in found.trace[-1]


def test_a_consumer_that_leaves_for_all_is_found() -> None:
    found = violation(
        Bounds(
            "ingest",
            parcels=1,
            filters=((0,), (0,)),
            sometimes=(1,),
            faults=one_of("leave"),
            rules=Rules(watch=LastWordHolds),
        )
    )
    assert "wait for ever" in found.law
    assert "consumer 1's connection ends" in found.trace


def sends_what_is_late_first(rows: Rows, call: str, parcels: Iterable[int] | None = None) -> Rows:
    moved = move(rows, call, parcels)
    return tuple(READY if state == AGAIN else state for state in moved)


def test_an_absent_consumer_that_holds_up_another_is_found() -> None:
    found = violation(
        Bounds(
            "ingest",
            unacknowledged_parcels=1,
            filters=((0,), (1,)),
            sometimes=(0,),
            faults=NOTHING,
            rules=Rules(spool=sends_what_is_late_first),
        )
    )
    assert found.law == "(1,) wait for ever"


class Newest(DeliveryModel):
    """A world whose spool sends first what was set back last."""

    def _steps(self, world: World) -> Iterator[Step[World]]:
        return super()._steps(world._replace(turns=world.turns[::-1]))


def test_what_was_set_back_and_never_has_its_turn_is_found() -> None:
    bounds = Bounds(
        "ingest",
        unacknowledged_parcels=1,
        filters=((0,), (1,)),
        sometimes=(0,),
        faults=one_of("leave"),
    )
    found = violation(Newest(bounds))
    assert found.law == "(1,) wait for ever"


class GivesAwayTheWindow(DeliveryState):
    def room_again(self, now_ns: int) -> int:
        return self.room(now_ns)


def test_a_window_full_of_what_was_set_back_is_found() -> None:
    found = violation(
        Bounds(
            "ingest",
            parcels=3,
            filters=((0, 1), (2,)),
            sometimes=(0,),
            faults=one_of("leave"),
            rules=Rules(delivery=GivesAwayTheWindow),
        )
    )
    assert "on their way again" in found.law


class FreesOncePerWord(DeliveryState):
    """Counts each acknowledgement: the second one of a parcel makes room that is not there."""

    def _settle(self, parcel_ids: tuple[str, ...], action: Action) -> tuple[Action, ...]:
        known = [one for one in parcel_ids if one in self._in_flight or one in self._sent]
        actions = super()._settle(parcel_ids, action)
        if not known and self._sent:
            self._sent.pop()
        return actions


def test_a_second_acknowledgement_that_is_counted_again_is_found() -> None:
    found = violation(
        Bounds(
            "ingest", filters=((0, 1), (0, 1)), faults=NOTHING,
            rules=Rules(delivery=FreesOncePerWord),
        )
    )  # fmt: skip
    assert "delivery remembers" in found.law
    assert "reads Ingested" in found.trace[-1]
