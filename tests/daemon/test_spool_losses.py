"""What is given up is told of, once, in little space, whatever happens in between."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gleancam.spool.queue import Spool
from gleancam.spool.room import footprint_bytes
from gleancam.wire.event import event_data, tombstone_parcel
from gleancam.wire.loss import MOST_IDS, Loss
from gleancam.wire.parcel import Parcel, messages
from gleancam.wire.schemas import load_schema
from made_samples import CONTEXT, TOPICS
from parcels import made_parcel

DAY_NS = 86_400 * 10**9
numbers = count(1)


def tombstone(camera_id: str, losses: tuple[Loss, ...]) -> Parcel:
    return tombstone_parcel(camera_id, losses, f"tombstone-{next(numbers)}", 10**18, CONTEXT)


class Told:
    """What upstream has been told so far."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.ids: set[str] = set()
        self.tombstones = 0

    def deliver(self, spool: Spool) -> None:
        spool.tell_losses(tombstone)
        for one in spool.claim(1000, 0):
            if one.parcel.lane == "tombstone":
                self._read(one.parcel)
                spool.gone([one.parcel.parcel_id])
            else:
                spool.release([one.parcel.parcel_id])

    def _read(self, parcel: Parcel) -> None:
        self.tombstones += 1
        Draft202012Validator(load_schema("event")).validate(json.loads(parcel.data))
        for loss in event_data(parcel.data).lost or ():
            self.count[loss.reason] += loss.samples + loss.events
            assert len(loss.ids) == min(loss.samples + loss.events, MOST_IDS)
            assert not self.ids & set(loss.ids), "told twice"
            self.ids |= set(loss.ids)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with closing(Spool.open(tmp_path / "spool.db", 600_000, 0)) as spool:
        yield spool


def fill(spool: Spool, first: int, last: int, camera: str = "front") -> list[str]:
    evicted: list[str] = []
    for number in range(first, last):
        parcel = replace(made_parcel(number, image_bytes=50_000), camera_id=camera)
        evicted += spool.add(parcel)
    return evicted


def test_evictions_are_told_once_by_camera(spool: Spool) -> None:
    evicted = fill(spool, 0, 40, "front") + fill(spool, 40, 60, "yard")
    told = Told()
    told.deliver(spool)
    assert told.count == {"evicted": len(evicted)}
    assert told.ids == set(evicted)
    assert told.tombstones == 2
    told.deliver(spool)
    assert told.tombstones == 2, "nothing new, nothing told"


def test_losses_add_up_while_a_tombstone_is_under_way(spool: Spool) -> None:
    evicted = fill(spool, 0, 20)
    assert spool.tell_losses(tombstone) == 1
    evicted += fill(spool, 20, 200)
    assert spool.tell_losses(tombstone) == 0, "one a camera"
    told = Told()
    told.deliver(spool)
    told.deliver(spool)
    assert told.tombstones == 2
    assert told.count["evicted"] == len(evicted)
    assert told.ids <= set(evicted)


def test_word_of_losses_does_not_grow_with_an_outage(spool: Spool) -> None:
    fill(spool, 0, 30)
    spool.tell_losses(tombstone)
    fill(spool, 30, 100)
    before = len(spool.rows(1000))
    fill(spool, 100, 700)
    rows = spool._store.connection.execute("SELECT count(*), max(length(ids)) FROM losses")
    assert rows.fetchone()[0] == 1
    assert abs(len(spool.rows(1000)) - before) <= 1
    assert spool.stat().bytes <= 600_000
    told = Told()
    told.deliver(spool)
    told.deliver(spool)
    kept = sum(row.kind == "sample" for row in spool.rows(1000))
    assert told.count["evicted"] + kept == 700, "every one is waiting or told of"


def test_losses_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    with closing(Spool.open(path, 600_000, 0)) as spool:
        evicted = fill(spool, 0, 40)
    with closing(Spool.open(path, 600_000, 0)) as spool:
        told = Told()
        told.deliver(spool)
    assert told.count == {"evicted": len(evicted)}


def test_a_tombstone_is_never_evicted(spool: Spool) -> None:
    fill(spool, 0, 30)
    spool.tell_losses(tombstone)
    fill(spool, 30, 200)
    assert sum(row.kind == "event" for row in spool.rows(1000)) == 1


def test_dead_letters_leave_without_a_tombstone(spool: Spool) -> None:
    fill(spool, 0, 5)
    spool.dead("parcel-1", "rejected")
    assert fill(spool, 5, 9) == []
    assert spool.tell_losses(tombstone) == 0 or "parcel-1" not in str(spool.rows(99))


def test_commanded_and_drawn_samples_leave_last(spool: Spool) -> None:
    wanted = replace(made_parcel(1000, image_bytes=50_000), value=4.0)
    spool.add(wanted)
    fill(spool, 0, 100)
    assert wanted.parcel_id in {row.parcel_id for row in spool.rows(1000)}


def test_the_oldest_of_equals_leaves_first(spool: Spool) -> None:
    evicted = fill(spool, 0, 40)
    assert evicted == [f"parcel-{number}" for number in range(len(evicted))]


def test_a_tombstone_is_a_message_like_any_event() -> None:
    loss = Loss("front", "evicted", 2, 1, 9000, 10**18, 2 * 10**18, ("a", "b", "c"))
    (message,) = messages(tombstone("front", (loss,)), TOPICS, attempt=1, spooled_s=0, mqtt5=True)
    assert message.topic == TOPICS.event("front")
    assert event_data(message.payload).event == "lost"
    assert footprint_bytes(tombstone("front", (loss,))) <= 8192


class SteppedClock:
    """A clock that only goes on when told to."""

    def __init__(self) -> None:
        self.ns = 5 * 10**9

    def __call__(self) -> int:
        return self.ns


def test_what_is_too_old_is_given_up_and_told(tmp_path: Path) -> None:
    clock = SteppedClock()
    with closing(Spool.open(tmp_path / "spool.db", 10**9, 0, clock)) as spool:
        for number in range(4):
            spool.add(made_parcel(number))
            clock.ns += DAY_NS
        spool.claim(1, 0)
        spool.dead("parcel-1", "rejected")
        assert spool.age_out(10 * DAY_NS) == ()
        assert spool.age_out(int(1.5 * DAY_NS)) == ("parcel-2",), "not what is in flight, nor dead"
        assert {row.parcel_id for row in spool.rows(9)} == {"parcel-0", "parcel-3"}
        told = Told()
        told.deliver(spool)
        assert told.count == {"expired": 1}
        assert told.ids == {"parcel-2"}


def test_the_wall_clock_expires_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    clock, wall = SteppedClock(), time.time_ns()
    with closing(Spool.open(tmp_path / "spool.db", 10**9, 0, clock)) as spool:
        for step in (0, 10_000 * DAY_NS, -10_000 * DAY_NS, 1):
            monkeypatch.setattr(time, "time_ns", lambda step=step: wall + step)
            spool.add(made_parcel(abs(step) % 97 + (step < 0) * 100))
            clock.ns += 10**9
            assert spool.age_out(DAY_NS) == ()
        assert spool.stat().undelivered == 4


def test_ages_add_up_over_restarts_and_reboots(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    clock = SteppedClock()
    with closing(Spool.open(path, 10**9, 0, clock)) as spool:
        spool.add(made_parcel(1))
        clock.ns += 3 * DAY_NS
        assert spool.age_out(5 * DAY_NS) == ()
    clock = SteppedClock()
    with closing(Spool.open(path, 10**9, 0, clock)) as spool:
        clock.ns += DAY_NS
        assert spool.age_out(5 * DAY_NS) == ()
        clock.ns += 2 * DAY_NS
        assert spool.age_out(5 * DAY_NS) == ("parcel-1",)
