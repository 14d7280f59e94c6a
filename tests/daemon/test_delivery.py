"""The delivery stage over a real spool, with a sink that answers by script."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

import pytest
import simplejpeg
from prometheus_client import CollectorRegistry

from gleancam.delivery.courier import Delivery
from gleancam.delivery.dispatch import Route
from gleancam.delivery.state import Policy
from gleancam.metrics import Metrics
from gleancam.sinks.base import (
    Accepted,
    Ingested,
    Presence,
    Refused,
    Rejected,
    SinkEvent,
)
from gleancam.sinks.fake import FakeSink, Script, ingest_everything
from gleancam.spool.queue import Spool
from gleancam.stage import Stage
from gleancam.wire.message import Message
from gleancam.wire.sample import sample_data
from gleancam.wire.status import device_status
from made_samples import TOPICS, made_event
from made_samples import made_parcel as made_sample_parcel
from parcels import made_parcel
from waiting import wait_until


@dataclass(frozen=True)
class Options:
    confirm: Literal["ingest", "puback"] = "ingest"
    ack_timeout_s: float = 60
    image_limit_bytes: int = 10**9
    drain_s: float = 5


USUAL = Options()


class Rig:
    """A delivery stage and everything it can be asked about."""

    def __init__(self, spool: Spool, sink: FakeSink, options: Options) -> None:
        self.spool, self.sink = spool, sink
        self.registry = CollectorRegistry()
        self.crashes: list[tuple[str, BaseException]] = []
        policy = Policy(options.confirm, int(options.ack_timeout_s * 1e9))
        route = Route(TOPICS, True, options.image_limit_bytes, drain_s=options.drain_s)  # noqa: FBT003 - MQTT 5
        self.delivery = Delivery(spool, sink, policy, route, Metrics(self.registry))
        self.stage = Stage("delivery", self.delivery.run, lambda *crash: self.crashes.append(crash))
        self.stage.start()

    def outcome(self, name: str) -> float:
        return self.metric("delivery_parcels_total", outcome=name)

    def metric(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"gleancam_{name}", labels) or 0.0

    def states(self) -> dict[str, int]:
        return {state.value: n for state, n in self.spool.stat().parcels.items() if n}

    def wait_empty(self) -> None:
        wait_until(lambda: self.states() == {}, "an empty spool")

    def stop(self) -> None:
        self.stage.stop()
        assert self.stage.join(30)
        assert self.crashes == []


class Deliver(Protocol):
    def __call__(self, script: Script = ..., options: Options = ...) -> Rig: ...


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool.open(tmp_path / "spool.db", 10**9, 0)
    yield spool
    spool.close()


@pytest.fixture
def deliver(spool: Spool) -> Iterator[Deliver]:
    rigs: list[Rig] = []

    def start(script: Script = ingest_everything, options: Options = USUAL) -> Rig:
        rigs.append(Rig(spool, FakeSink(script), options))
        return rigs[-1]

    yield start
    for rig in rigs:
        rig.stop()


def silent(_parcel_id: str, _messages: tuple[Message, ...]) -> tuple[SinkEvent, ...]:
    return ()


def accept(parcel_id: str, _messages: tuple[Message, ...]) -> tuple[SinkEvent, ...]:
    return (Accepted(parcel_id),)


def test_delivers_everything_in_order_and_frees_it(spool: Spool, deliver: Deliver) -> None:
    for number in range(100):
        spool.add(made_parcel(number, captured_ns=time.time_ns()))
    rig = deliver()
    rig.wait_empty()
    assert rig.sink.sent == [f"parcel-{number}" for number in range(100)]
    wait_until(lambda: rig.outcome("freed") == 100)
    assert rig.metric("delivery_age_seconds_count") == 100
    assert rig.metric("sink_connected") == 1


def test_what_is_spooled_later_is_delivered_at_a_nudge(spool: Spool, deliver: Deliver) -> None:
    rig = deliver()
    for number in range(3):
        spool.add(made_parcel(number))
        rig.delivery.nudge()
        rig.wait_empty()


def test_events_and_samples_go_the_same_way(spool: Spool, deliver: Deliver) -> None:
    seen: list[tuple[str, ...]] = []

    def note(parcel_id: str, messages: tuple[Message, ...]) -> tuple[SinkEvent, ...]:
        seen.append(tuple(message.topic.split("/")[6] for message in messages))
        return ingest_everything(parcel_id, messages)

    spool.add(made_event())
    spool.add(made_sample_parcel(1))
    rig = deliver(note)
    rig.wait_empty()
    assert seen == [("event",), ("image", "sample")]


def test_puback_frees_at_once_and_ingest_waits(spool: Spool, deliver: Deliver) -> None:
    spool.add(made_parcel(1))
    rig = deliver(accept, Options(confirm="puback"))
    rig.wait_empty()
    rig.stop()
    spool.add(made_parcel(2))
    rig = deliver(accept, Options(drain_s=0.1))
    wait_until(lambda: rig.states() == {"sent": 1})
    rig.sink.events.put(Ingested(("parcel-2", "unknown")))
    rig.sink.events.put(Ingested(("parcel-2",)))
    rig.wait_empty()
    wait_until(lambda: rig.outcome("freed") == 1)


def test_holds_while_no_consumer_is_there(spool: Spool, deliver: Deliver) -> None:
    rig = deliver()
    rig.sink.events.put(Presence(online=False))
    wait_until(lambda: len(rig.sink.events) == 0)
    spool.add(made_parcel(1))
    rig.delivery.nudge()
    wait_until(lambda: len(rig.sink.events) == 0)
    assert rig.states() == {"ready": 1}
    rig.sink.events.put(Presence(online=True))
    rig.wait_empty()


def test_a_silent_consumer_gets_it_again(spool: Spool, deliver: Deliver) -> None:
    attempts: list[str] = []

    def second_time(parcel_id: str, messages: tuple[Message, ...]) -> tuple[SinkEvent, ...]:
        attempts.append(parcel_id)
        return (
            accept(parcel_id, messages)
            if len(attempts) == 1
            else ingest_everything(parcel_id, messages)
        )

    spool.add(made_parcel(1))
    rig = deliver(second_time, Options(ack_timeout_s=0.05))
    rig.wait_empty()
    assert attempts == ["parcel-1", "parcel-1"]
    assert rig.outcome("expired") == 1


def test_what_nobody_acknowledges_holds_up_nothing_that_somebody_would(
    spool: Spool, deliver: Deliver
) -> None:
    """Two consumers that split the cameras, and one is away: its parcels fill the window."""

    def one_is_away(parcel_id: str, messages: tuple[Message, ...]) -> tuple[SinkEvent, ...]:
        taken = int(parcel_id.removeprefix("parcel-")) >= 200
        return (ingest_everything if taken else accept)(parcel_id, messages)

    for number in range(210):
        spool.add(made_parcel(number))
    rig = deliver(one_is_away, Options(ack_timeout_s=0.1, drain_s=0))
    wait_until(lambda: rig.outcome("freed") == 10, "what is newer than three windows")
    wait_until(lambda: rig.outcome("expired") >= 400, "all the rest sent in vain, twice")
    spool.add(made_parcel(210))
    rig.delivery.nudge()
    wait_until(lambda: rig.outcome("freed") == 11, "what came later still")
    assert sum(rig.states().values()) == 200


def test_a_lost_session_means_once_more(spool: Spool, deliver: Deliver) -> None:
    for number in range(3):
        spool.add(made_parcel(number))
    sessions: deque[str] = deque()

    def second_session(parcel_id: str, messages: tuple[Message, ...]) -> tuple[SinkEvent, ...]:
        return ingest_everything(parcel_id, messages) if sessions else ()

    rig = deliver(second_session)
    wait_until(lambda: rig.states() == {"inflight": 3})
    rig.sink.disconnect()
    wait_until(lambda: rig.metric("sink_connected") == 0)
    assert rig.states() == {"ready": 3}
    sessions.append("second")
    rig.sink.connect()
    rig.wait_empty()
    assert rig.sink.sent == [f"parcel-{number}" for number in (0, 1, 2)] * 2


def test_a_rejected_parcel_is_a_dead_letter(spool: Spool, deliver: Deliver) -> None:
    spool.add(made_parcel(1))
    rig = deliver(lambda one, _messages: (Accepted(one), Rejected(one, "no such camera")))
    wait_until(lambda: rig.states() == {"dead": 1})
    wait_until(lambda: rig.metric("spool_lost_total", reason="dead") == 1)
    assert "no such camera" in spool.rows(1)[0].why


def test_refused_by_the_moment_is_tried_again(spool: Spool, deliver: Deliver) -> None:
    answers = deque([Refused("parcel-1", "nobody subscribed", permanent=False)])

    def refuse_once(parcel_id: str, messages: tuple[Message, ...]) -> tuple[SinkEvent, ...]:
        return (answers.popleft(),) if answers else ingest_everything(parcel_id, messages)

    spool.add(made_parcel(1))
    rig = deliver(refuse_once)
    wait_until(lambda: rig.outcome("refused") == 1)
    spool.hurry()
    rig.wait_empty()


def test_an_image_over_the_brokers_limit_is_made_smaller(spool: Spool, deliver: Deliver) -> None:
    parcel = made_sample_parcel(1)
    assert parcel.image is not None
    limit = len(parcel.image) - 1

    def broker(parcel_id: str, messages: tuple[Message, ...]) -> tuple[SinkEvent, ...]:
        if len(messages[0].payload) > limit:
            return (Refused(parcel_id, "too large", permanent=True, image_limit_bytes=limit),)
        delivered.append(messages)
        return ingest_everything(parcel_id, messages)

    delivered: list[tuple[Message, ...]] = []
    spool.add(parcel)
    rig = deliver(broker)
    rig.wait_empty()
    image, manifest = delivered[0]
    block = sample_data(manifest.payload).image
    assert (block.bytes, block.quality < sample_data(parcel.data).image.quality) == (
        len(image.payload),
        True,
    )
    assert simplejpeg.decode_jpeg_header(image.payload)[:2] == (block.height, block.width)
    assert rig.outcome("refitted") == 1


def test_an_image_that_fits_nowhere_is_a_dead_letter(spool: Spool, deliver: Deliver) -> None:
    spool.add(made_sample_parcel(1))
    spool.add(made_parcel(2, image_bytes=50))
    rig = deliver(options=Options(image_limit_bytes=100))
    wait_until(lambda: rig.states() == {"dead": 1})
    assert rig.sink.sent == ["parcel-2"], "the others go on"
    assert "100 bytes" in spool.rows(1)[0].why


def test_statuses_are_said_in_every_session_with_its_number(deliver: Deliver) -> None:
    rig = deliver()
    for state in ("starting", "ready"):
        rig.delivery.announce(TOPICS.status, partial(device_status, TOPICS, state, ts_ns=0))
    ready = [device_status(TOPICS, "ready", session, 0) for session in (1, 2)]
    wait_until(lambda: ready[0] in rig.sink.published)
    rig.sink.disconnect()
    rig.sink.connect()
    wait_until(lambda: ready[1] in rig.sink.published)
    assert rig.sink.published.count(ready[0]) == 1


def test_the_farewell_is_said_last(spool: Spool, deliver: Deliver) -> None:
    for number in range(50):
        spool.add(made_parcel(number))
    rig = deliver()
    stopped = device_status(TOPICS, "stopped", 1, 0)
    rig.delivery.farewell(TOPICS.status, lambda _session: stopped)
    wait_until(lambda: rig.delivery.session)
    rig.stop()
    assert rig.sink.published == [stopped]
    assert rig.states() == {}, "what was spooled was drained"
    assert rig.metric("spool_parcels", state="ready") == 0


def test_a_stop_without_answers_ends_within_its_budget(spool: Spool, deliver: Deliver) -> None:
    spool.add(made_parcel(1))
    rig = deliver(silent, Options(drain_s=0.2))
    wait_until(lambda: rig.sink.sent)
    rig.stop()
    assert rig.states() == {"inflight": 1}


def test_a_stop_without_a_session_waits_for_nothing(spool: Spool, deliver: Deliver) -> None:
    spool.add(made_parcel(1))
    rig = deliver(silent, Options(drain_s=1000))
    rig.sink.disconnect()
    wait_until(lambda: rig.metric("sink_connected") == 0)
    rig.stop()
    assert rig.states() == {"ready": 1}
