"""A limited, metered link over a real mosquitto, on 5 and on 3.1.1."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from brokers import Broker
from commanded_device import Asker, Device, Given, running
from gleancam.config.keys import Bandwidth, Metered
from gleancam.sinks.packet_size import publish_bytes
from gleancam.spool.queue import Spool
from gleancam.wire.ack import ack_message
from gleancam.wire.message import Message
from gleancam.wire.times import rfc3339
from mqtt_rig import TOPICS, Peer, peer, settings
from parcels import made_parcel
from waiting import wait_until

pytestmark = pytest.mark.usefixtures("clock_is_set")


def opened(tmp_path: Path) -> Spool:
    return Spool.open(tmp_path / "spool.db", 10**9, 0)


def switch(command_id: str, *, on: bool) -> Given:
    expires = rfc3339(time.time_ns() + 60 * 10**9)
    return Given("metered", json.dumps({"id": command_id, "expires": expires, "on": on}).encode())


def status(watcher: Peer) -> dict[str, object]:
    while not (message := watcher.get()).topic.endswith("/status"):
        pass
    said: dict[str, object] = json.loads(message.payload)
    return said


def value(device: Device, name: str, **labels: str) -> float:
    return device.registry.get_sample_value(f"gleancam_{name}", labels) or 0


def test_metered_is_obeyed_shown_and_outlives_the_daemon(
    tmp_path: Path, broker: Broker, protocol: str
) -> None:
    mqtt, asker = settings(broker.port, protocol=protocol), Asker(broker.port, protocol)
    spool = opened(tmp_path)
    with peer(broker.port) as watcher, running(Device(spool, mqtt)):
        watcher.subscribe(TOPICS.status)
        assert status(watcher)["metered"] is False
        assert asker.ask(switch("a", on=True))[0]["outcome"] == "done"
        assert status(watcher)["metered"] is True
    spool.close()
    spool = opened(tmp_path)
    with running(Device(spool, mqtt)) as device, peer(broker.port, "later") as watcher:
        watcher.subscribe(TOPICS.status)
        assert status(watcher)["metered"] is True
        wait_until(lambda: value(device, "link_metered") == 1)
        assert asker.ask(switch("b", on=False))[0]["outcome"] == "done"
        while status(watcher)["metered"]:
            pass
    spool.close()


def test_what_a_metered_link_may_not_take_waits_and_says_so(
    tmp_path: Path, broker: Broker, protocol: str
) -> None:
    """Statuses and answers go all the same; when the link is cheap again, so does the rest."""
    bandwidth = Bandwidth(budget="1 MB/day", metered=Metered(budget="10 kB/day"))
    mqtt = settings(broker.port, protocol=protocol, bandwidth=bandwidth)
    asker, spool = Asker(broker.port, protocol), opened(tmp_path)
    with peer(broker.port) as consumer, running(Device(spool, mqtt)) as device:
        got: list[str] = []

        def take(sample_id: str) -> None:
            got.append(sample_id)
            consumer.publish_soon(ack_message(TOPICS, (sample_id,)))

        consumer.on_sample = take
        consumer.subscribe(f"{TOPICS.root}/cam/#")
        asker.ask(switch("a", on=True))
        consumer.come_online()
        for number in range(4):
            spool.add(made_parcel(number, image_bytes=3000))
        device.delivery.nudge()
        wait_until(lambda: value(device, "link_waits", reason="budget") == 1)
        assert device.stage.pulse.waiting_on is not None
        assert 1 <= len(set(got)) < 4
        assert value(device, "link_left", account="metered") < 10_000
        assert asker.ask(switch("b", on=False))[0]["outcome"] == "done"
        wait_until(lambda: len(set(got)) == 4)
        assert sorted(set(got)) == [f"parcel-{number}" for number in range(4)]
    spool.close()


def test_all_that_was_published_is_counted(tmp_path: Path, broker: Broker, protocol: str) -> None:
    """As a subscriber sees it: topics, payloads and properties of every message."""
    mqtt, spool = settings(broker.port, protocol=protocol), opened(tmp_path)
    for number in range(5):
        spool.add(made_parcel(number))
    with peer(broker.port) as consumer:
        consumer.on_sample = lambda sample_id: consumer.publish_soon(
            ack_message(TOPICS, (sample_id,))
        )
        consumer.subscribe(f"{TOPICS.root}/#")
        consumer.come_online()
        with running(Device(spool, mqtt)) as device:
            wait_until(lambda: spool.stat().undelivered == 0)
        counted = value(device, "link_bytes_total", metered="false")
        seen = 0
        while not consumer.messages.empty():
            message = consumer.get()
            if not message.topic.endswith("/ack"):
                properties = getattr(message.properties, "UserProperty", ())
                seen += publish_bytes(
                    Message(
                        message.topic,
                        bytes(message.payload),
                        content_type=getattr(message.properties, "ContentType", ""),
                        user_properties=tuple(properties),
                    ),
                    mqtt5=protocol == "5",
                )
    assert counted == seen
    spool.close()
