"""Spool, delivery, MQTT sink, mosquitto and a consumer: what the consumer ends with."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from brokers import Broker
from gleancam.config.keys import Mqtt
from gleancam.delivery.courier import Delivery
from gleancam.delivery.dispatch import Route
from gleancam.delivery.state import Policy
from gleancam.metrics import Metrics
from gleancam.sinks.mqtt import Identity, MqttSink
from gleancam.spool.queue import Spool
from gleancam.spool.states import State
from gleancam.stage import Stage
from gleancam.wire.ack import ack_message
from gleancam.wire.sample import sample_data
from gleancam.wire.status import device_status
from made_samples import TOPICS
from made_samples import made_parcel as made_sample_parcel
from mqtt_rig import Peer, peer, settings, will
from parcels import made_parcel
from waiting import wait_until


class Device:
    """The lower half of the daemon."""

    def __init__(self, spool: Spool, mqtt: Mqtt) -> None:
        self.spool = spool
        self.registry = CollectorRegistry()
        self.crashes: list[tuple[str, BaseException]] = []
        metrics = Metrics(self.registry)
        sink = MqttSink(
            mqtt,
            Identity(TOPICS, spool.next_session, will),
            self.crash,
            lambda reason: metrics.inc("sink_events_lost", reason=reason),
        )
        policy = Policy(mqtt.confirm, int(mqtt.ack_timeout_s * 1e9))
        self.delivery = Delivery(
            spool, sink, policy, Route(TOPICS, mqtt.protocol == "5", mqtt.inline_max_bytes), metrics
        )
        self.stage = Stage("delivery", self.delivery.run, self.crash)

    def crash(self, name: str, error: BaseException) -> None:
        self.crashes.append((name, error))

    def waiting(self) -> int:
        counts = self.spool.stat().parcels
        return sum(counts.values()) - counts[State.DEAD]


@contextmanager
def running(spool: Spool, mqtt: Mqtt) -> Iterator[Device]:
    device = Device(spool, mqtt)
    device.stage.start()
    try:
        yield device
    finally:
        device.stage.stop()
        assert device.stage.join(30)
    assert device.crashes == []


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool.open(tmp_path / "spool.db", 10**9, 0)
    yield spool
    spool.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(
        tmp_path,
        ("allow_anonymous true", "persistence true", f"persistence_location {tmp_path}/"),
    )
    broker.start()
    yield broker
    broker.stop()


class Consumer:
    """Takes samples and acknowledges each."""

    def __init__(self, connection: Peer, cameras: str = "#") -> None:
        self.got: Counter[str] = Counter()
        self._connection = connection
        connection.on_sample = self._take
        levels = cameras if cameras == "#" else f"{cameras}/#"
        connection.subscribe(f"{TOPICS.root}/cam/{levels}")
        connection.come_online()

    def _take(self, sample_id: str) -> None:
        self.got[sample_id] += 1
        self._connection.publish_soon(ack_message(TOPICS, (sample_id,)))


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_everything_arrives_once(spool: Spool, broker: Broker, protocol: str) -> None:
    for number in range(100):
        spool.add(made_parcel(number))
    with (
        peer(broker.port) as connection,
        running(spool, settings(broker.port, protocol=protocol)) as device,
    ):
        consumer = Consumer(connection)
        wait_until(lambda: device.waiting() == 0)
    assert consumer.got == Counter({f"parcel-{number}": 1 for number in range(100)})


def test_a_broker_killed_again_and_again_loses_nothing(spool: Spool, broker: Broker) -> None:
    with peer(broker.port) as connection:
        consumer = Consumer(connection)
        with running(spool, settings(broker.port, ack_timeout_s=1.0)) as device:
            for number in range(300):
                spool.add(made_parcel(number, image_bytes=20_000))
                device.delivery.nudge()
                if number % 60 == 30:
                    broker.kill()
                    wait_until(lambda: not connection.connected())
                    broker.start()
                    wait_until(connection.connected)
                    connection.subscribe(f"{TOPICS.root}/cam/#")
                    connection.come_online()
            wait_until(lambda: device.waiting() == 0)
    assert set(consumer.got) == {f"parcel-{number}" for number in range(300)}


def test_a_daemon_that_starts_again_sends_what_was_not_acknowledged(
    spool: Spool, broker: Broker, tmp_path: Path
) -> None:
    for number in range(5):
        spool.add(made_parcel(number))
    with peer(broker.port) as connection:
        connection.subscribe(f"{TOPICS.root}/cam/#")
        connection.come_online()
        with running(spool, settings(broker.port)) as device:
            wait_until(lambda: spool.stat().parcels[State.SENT] == 5)
        assert device.waiting() == 5
    spool.close()
    again = Spool.open(tmp_path / "spool.db", 10**9, 0)
    with peer(broker.port, "second") as connection, running(again, settings(broker.port)) as device:
        consumer = Consumer(connection)
        wait_until(lambda: device.waiting() == 0)
        assert len(consumer.got) == 5
    again.close()


def test_held_until_a_consumer_comes(spool: Spool, broker: Broker) -> None:
    spool.add(made_parcel(1))
    with running(spool, settings(broker.port)) as device:
        wait_until(lambda: device.delivery.session)
        with peer(broker.port) as connection:
            connection.subscribe(f"{TOPICS.root}/cam/#")
            assert spool.stat().parcels[State.READY] == 1
            Consumer(connection)
            wait_until(lambda: device.waiting() == 0)
    assert "cam/front/sample" in broker.log()


def test_a_consumer_that_never_answers_holds_up_no_other(spool: Spool, broker: Broker) -> None:
    for number in range(110):
        camera = "back" if number < 100 else "front"
        spool.add(replace(made_parcel(number), camera_id=camera))
    with peer(broker.port, "silent") as silent, peer(broker.port) as connection:
        silent.subscribe(f"{TOPICS.root}/cam/back/#")
        consumer = Consumer(connection, "front")
        with running(spool, settings(broker.port, ack_timeout_s=1.0)) as device:
            wait_until(lambda: device.waiting() == 100, "what is newer than the window")
    assert set(consumer.got) == {f"parcel-{number}" for number in range(100, 110)}


def test_a_camera_that_nobody_subscribes_to_keeps_its_samples(spool: Spool, broker: Broker) -> None:
    for number in range(6):
        camera = ("front", "back")[number % 2]
        spool.add(replace(made_parcel(number), camera_id=camera))
    with peer(broker.port) as connection, running(spool, settings(broker.port)) as device:
        consumer = Consumer(connection, "front")
        wait_until(lambda: device.waiting() == 3)
        assert set(consumer.got) == {"parcel-0", "parcel-2", "parcel-4"}
        with peer(broker.port, "second") as another:
            late = Consumer(another, "back")
            wait_until(lambda: device.waiting() == 0)
            assert set(late.got) == {"parcel-1", "parcel-3", "parcel-5"}


def test_an_image_over_the_brokers_limit_arrives_smaller(spool: Spool, tmp_path: Path) -> None:
    parcel = made_sample_parcel(1, labels=0)
    assert parcel.image is not None
    limit = len(parcel.image) + 50
    assert len(parcel.data) < limit - 1000
    broker = Broker(tmp_path, ("allow_anonymous true", f"max_packet_size {limit}"))
    broker.start()
    spool.add(parcel)
    with peer(broker.port) as connection, running(spool, settings(broker.port)) as device:
        Consumer(connection)
        wait_until(lambda: device.waiting() == 0)
        image, manifest = connection.get(), connection.get()
    broker.stop()
    block = sample_data(bytes(manifest.payload)).image
    assert block.bytes == len(image.payload) < len(parcel.image)
    assert block.quality < 80


def test_statuses_come_back_after_the_broker_lost_them(spool: Spool, tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    broker.start()
    with running(spool, settings(broker.port)) as device:
        device.delivery.announce(TOPICS.status, lambda n: device_status(TOPICS, "ready", n, 0))
        wait_until(lambda: "v1/depot/gate-1/status', ..." in broker.log())
        first = device.delivery.session
        broker.kill()
        broker.start()
        with peer(broker.port) as connection:
            connection.subscribe(TOPICS.status)
            status = json.loads(connection.get().payload)
    assert first is not None
    assert status["state"] == "ready"
    assert status["session"] > first
    broker.stop()


def test_the_first_sample_follows_the_session_at_once(spool: Spool, broker: Broker) -> None:
    spool.add(made_parcel(1, captured_ns=time.time_ns()))
    with peer(broker.port) as connection:
        consumer = Consumer(connection)
        with running(spool, settings(broker.port)) as device:
            wait_until(lambda: device.waiting() == 0)
    assert consumer.got == Counter({"parcel-1": 1})
