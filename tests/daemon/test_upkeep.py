"""Upstream is told of losses by the delivery stage, and all counts add up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from gleancam.delivery.courier import Delivery
from gleancam.delivery.dispatch import Route
from gleancam.delivery.state import Policy
from gleancam.delivery.upkeep import Upkeep
from gleancam.demo.counts import Counts
from gleancam.demo.laws import conservation
from gleancam.metrics import Metrics
from gleancam.sinks.base import Accepted, Presence, Rejected, SinkEvent
from gleancam.sinks.fake import FakeSink, ingest_everything
from gleancam.spool.queue import Spool
from gleancam.stage import Stage
from gleancam.wire.address import parse_topic
from gleancam.wire.cloudevent import open_event
from gleancam.wire.event import event_data, tombstone_parcel
from gleancam.wire.loss import Loss
from gleancam.wire.message import Message
from gleancam.wire.parcel import Parcel, messages
from gleancam_upstream.verification import verified_event
from made_samples import CONTEXT, TOPICS
from parcels import made_parcel
from waiting import wait_until

MAX_AGE_NS = 10**9


class Clock:
    ns = 0

    def __call__(self) -> int:
        return self.ns


class Rig:
    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.spool = Spool.open(folder / "spool.db", 600_000, 0, self.clock)
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)
        self.sent: dict[str, tuple[Message, ...]] = {}
        self.sink = FakeSink(self.answer)
        self.reject = ""
        self.silent = False

    def answer(self, parcel_id: str, messages: tuple[Message, ...]) -> tuple[SinkEvent, ...]:
        self.sent[parcel_id] = messages
        if parcel_id == self.reject:
            return (Rejected(parcel_id, "no"),)
        if self.silent:
            return (Accepted(parcel_id),)
        return ingest_everything(parcel_id, messages)

    def add(self, numbers: range) -> None:
        for number in numbers:
            evicted = self.spool.add(made_parcel(number, image_bytes=50_000))
            self.metrics.inc("spool_committed", kind="sample")
            self.metrics.inc("frames_kept", camera="front", reason="novel")
            self.metrics.inc("spool_lost", len(evicted), reason="evicted")

    def run(self) -> None:
        with self.delivering():
            wait_until(lambda: self.spool.stat().undelivered == 0 and self.tombstones())

    @contextmanager
    def delivering(self, window: int = 64) -> Iterator[None]:
        upkeep = Upkeep(self.spool, self.metrics, tombstone, MAX_AGE_NS)
        route = Route(TOPICS, mqtt5=True, image_limit_bytes=10**9)
        policy = Policy("ingest", 10**12, unacknowledged_parcels=window)
        delivery = Delivery(self.spool, self.sink, policy, route, self.metrics, upkeep)
        stage = Stage("delivery", delivery.run, lambda *_: None)
        stage.start()
        self.sink.events.put(Presence(online=True))
        yield
        stage.stop()
        assert stage.join(30)

    def tombstones(self) -> list[str]:
        return [name for name in self.sent if name.startswith("tombstone")]

    def lost(self, reason: str) -> float:
        name = "gleancam_spool_lost_total"
        return self.registry.get_sample_value(name, {"reason": reason}) or 0.0

    def broken_laws(self) -> list[str]:
        counts = Counts(generate_latest(self.registry).decode())
        return [str(law) for law in conservation(counts) if not law.holds]


def tombstone(camera_id: str, losses: tuple[Loss, ...]) -> Parcel:
    return tombstone_parcel(camera_id, losses, f"tombstone-{camera_id}", 10**18, CONTEXT)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    with closing(rig.spool):
        yield rig


def test_losses_are_told_before_anything_else_and_counts_add_up(rig: Rig) -> None:
    rig.add(range(40))
    rig.reject = "parcel-39"
    rig.run()
    assert next(iter(rig.sent)) == "tombstone-front"
    (message,) = rig.sent["tombstone-front"]
    (loss,) = event_data(message.payload).lost or ()
    assert (loss.reason, loss.samples) == ("evicted", rig.lost("evicted"))
    assert rig.lost("dead") == 1
    assert rig.broken_laws() == []


def test_what_is_too_old_is_counted_told_and_not_sent(rig: Rig) -> None:
    rig.add(range(5))
    rig.clock.ns += 2 * MAX_AGE_NS
    rig.run()
    assert list(rig.sent) == ["tombstone-front"]
    assert rig.lost("expired") == 5
    assert rig.broken_laws() == []


def test_what_grew_too_old_at_a_silent_consumer_leaves_the_window(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gleancam.delivery.upkeep.AGE_EVERY_S", 0.05)
    rig.silent = True
    rig.add(range(2))
    with rig.delivering(window=2):
        wait_until(lambda: len(rig.sent) == 2)
        rig.clock.ns += 2 * MAX_AGE_NS
        wait_until(lambda: rig.lost("expired") == 2)
        rig.silent = False
        rig.add(range(5, 9))
        wait_until(lambda: rig.spool.stat().undelivered == 0 and rig.tombstones())
    assert {"parcel-5", "parcel-8"} <= set(rig.sent)


def test_a_damaged_picture_is_a_dead_letter_and_not_sent(rig: Rig) -> None:
    rig.add(range(40))
    with rig.spool._store.transaction("NORMAL") as connection:
        connection.execute(
            "UPDATE bodies SET image = x'00' WHERE seq = (SELECT max(seq) FROM bodies)"
        )
    rig.run()
    assert "parcel-39" not in rig.sent
    (dead,) = rig.spool.rows(9)
    assert dead.why == "damaged on the device's disk: not the bytes that were written"
    assert rig.broken_laws() == []


def test_a_consumer_takes_a_tombstone_for_an_event() -> None:
    loss = Loss("front", "evicted", 2, 1, 9000, 10**18, 10**18, ("a", "b", "c"))
    for mqtt5 in (True, False):
        parcel = tombstone("front", (loss,))
        (message,) = messages(parcel, TOPICS, attempt=1, spooled_s=0, mqtt5=mqtt5)
        opened = open_event(message.payload, message.user_properties)
        event = verified_event(parse_topic(message.topic), opened)
        assert event.event == "lost"
        assert (event.lost or ())[0].ids == ("a", "b", "c")
