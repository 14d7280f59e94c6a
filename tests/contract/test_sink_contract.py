"""What every sink does, whatever is behind it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from brokers import Broker
from gleancam.channel import Channel
from gleancam.errors import SinkError
from gleancam.sinks.base import (
    Accepted,
    Commanded,
    Connected,
    Disconnected,
    Ingested,
    Presence,
    Sink,
    SinkEvent,
)
from gleancam.sinks.directory import DirectorySink
from gleancam.sinks.fake import FakeSink
from gleancam.sinks.mqtt import MqttSink
from gleancam.wire.ack import ack_message
from gleancam.wire.command import Command, command_message
from gleancam.wire.command_result import Verdict, result_message
from gleancam.wire.envelope import PLAIN
from gleancam.wire.message import Message
from gleancam.wire.parcel import messages
from gleancam.wire.reply import Reply
from gleancam.wire.status import device_status
from made_samples import TOPICS, made_parcel
from mqtt_rig import Rig, peer, settings

WAIT_S = 20.0
MakeSink = Callable[[Path], AbstractContextManager[Sink]]


@contextmanager
def folder(path: Path) -> Iterator[Sink]:
    yield DirectorySink(path / "out")


@contextmanager
def fake(path: Path) -> Iterator[Sink]:
    del path
    yield FakeSink()


def mqtt(protocol: str) -> MakeSink:
    @contextmanager
    def make(path: Path) -> Iterator[Sink]:
        """A sink, a broker, and a consumer that acknowledges everything it gets."""
        broker = Broker(path)
        broker.start()
        with peer(broker.port, "consumer") as consumer:
            consumer.on_sample = lambda one: consumer.publish_soon(ack_message(TOPICS, (one,)))
            consumer.subscribe(f"{TOPICS.root}/cam/#")
            consumer.come_online()
            rig = Rig(settings(broker.port, protocol=protocol))
            yield rig.sink
            assert rig.crashes == []
        broker.stop()

    return make


SINKS = {"folder": folder, "fake": fake, "mqtt5": mqtt("5"), "mqtt3": mqtt("3.1.1")}


@pytest.fixture(params=SINKS)
def sink(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sink]:
    with SINKS[request.param](tmp_path) as made:
        yield made


@pytest.fixture
def started(sink: Sink) -> Iterator[Sink]:
    sink.start()
    yield sink
    sink.stop(5)


def until(events: Channel[SinkEvent], kinds: set[type[SinkEvent]]) -> list[SinkEvent]:
    """Take events until one of every kind came."""
    seen: list[SinkEvent] = []
    while not kinds <= {type(event) for event in seen}:
        event = events.get(WAIT_S)
        assert event is not None, f"only {seen} within {WAIT_S} s"
        seen.append(event)
    return seen


def send(sink: Sink, seed: int) -> str:
    parcel = made_parcel(seed)
    packets = messages(parcel, TOPICS, attempt=1, spooled_s=0, mqtt5=True)
    sink.send(parcel.parcel_id, packets)
    return parcel.parcel_id


def test_before_the_session_nothing_is_taken(sink: Sink) -> None:
    with pytest.raises(SinkError):
        send(sink, 1)
    with pytest.raises(SinkError):
        sink.publish(device_status(TOPICS, "ready", 1, 0))


def test_a_session_begins_with_its_limits_and_tells_who_is_there(started: Sink) -> None:
    seen = until(started.events, {Connected, Presence})
    connected = seen[0]
    assert isinstance(connected, Connected)
    assert connected.limits.receive_maximum >= 1
    assert connected.session >= 1
    assert seen[-1] == Presence(online=True)


def test_every_parcel_is_accepted_once_and_ingested(started: Sink) -> None:
    until(started.events, {Connected, Presence})
    sent = [send(started, seed) for seed in range(5)]
    accepted: list[str] = []
    ingested: set[str] = set()
    while len(accepted) < 5 or len(ingested) < 5:
        event = started.events.get(WAIT_S)
        if isinstance(event, Accepted):
            accepted.append(event.parcel_id)
        elif isinstance(event, Ingested):
            ingested.update(event.parcel_ids)
        assert event is not None
        assert not isinstance(event, Disconnected)
    assert sorted(accepted) == sorted(sent)
    assert ingested == set(sent)


def test_a_parcel_that_is_sent_again_is_accepted_again(started: Sink) -> None:
    until(started.events, {Connected, Presence})
    one = send(started, 1)
    until(started.events, {Accepted, Ingested})
    parcel = made_parcel(1)
    again = Message(TOPICS.event("front"), parcel.data)
    started.send(one, (again,))
    seen = until(started.events, {Accepted})
    assert Accepted(one) in seen


def test_statuses_are_taken(started: Sink) -> None:
    until(started.events, {Connected})
    for state in ("starting", "ready"):
        started.publish(device_status(TOPICS, state, 1, 0))


def test_answers_to_commands_are_taken(started: Sink) -> None:
    until(started.events, {Connected})
    reply = Reply(TOPICS.command_result("pause"), b"correlation")
    started.publish(result_message(reply, "pause", "a", Verdict("done"), 0))


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_command_is_one_event_and_no_other(tmp_path: Path, protocol: str) -> None:
    command = Command("pause", "a", "", 10**18)
    with mqtt(protocol)(tmp_path) as sink:
        sink.start()
        until(sink.events, {Connected, Presence})
        with peer(port_of(sink), "asker") as asker:
            for _ in range(2):
                asker.publish(command_message(TOPICS, command, PLAIN))
        seen = [sink.events.get(WAIT_S) for _ in range(2)]
        sink.stop(5)
    for event in seen:
        assert isinstance(event, Commanded)
        assert event.request.body == command


def port_of(sink: Sink) -> int:
    assert isinstance(sink, MqttSink)
    return sink._settings.port


def test_is_stopped_before_it_began_and_without_a_start(sink: Sink) -> None:
    sink.start()
    sink.stop(5)


def test_after_the_stop_nothing_is_taken(sink: Sink) -> None:
    sink.start()
    until(sink.events, {Connected})
    sink.stop(5)
    with pytest.raises(SinkError):
        send(sink, 1)


def test_a_folder_holds_what_it_accepted(tmp_path: Path) -> None:
    sink = DirectorySink(tmp_path / "out")
    sink.start()
    parcel = made_parcel(3)
    packets = messages(parcel, TOPICS, attempt=1, spooled_s=0, mqtt5=False)
    sink.send(parcel.parcel_id, packets)
    sink.publish(device_status(TOPICS, "ready", 1, 0))
    camera = tmp_path / "out" / "front"
    assert (camera / f"{parcel.parcel_id}.jpg").read_bytes() == parcel.image
    manifest = json.loads((camera / f"{parcel.parcel_id}.json").read_bytes())
    assert manifest["data"] == json.loads(parcel.data)
    status = tmp_path / "out" / "status" / "depot-gate-1-status.json"
    assert json.loads(status.read_bytes())["state"] == "ready"
    assert list(tmp_path.rglob("*.partial")) == []
