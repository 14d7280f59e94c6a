"""The MQTT sink against a real mosquitto."""

from __future__ import annotations

import json
from typing import Any

import pytest
from paho.mqtt.client import MQTTMessage

from brokers import Broker, MakeBroker
from gleancam.demo.broker import free_port
from gleancam.errors import SinkError
from gleancam.sinks.base import (
    Accepted,
    Connected,
    Disconnected,
    Ingested,
    Presence,
    Refused,
    Rejected,
)
from gleancam.wire.ack import Rejection, ack_message
from gleancam.wire.message import Message
from gleancam.wire.status import device_status
from mqtt_rig import ALL, TOPICS, Peer, Rig, cut, peer, running, settings
from waiting import wait_until

IMAGE = f"{TOPICS.root}/cam/front/image/one"
SAMPLE = f"{TOPICS.root}/cam/front/sample"


def parcel(image_bytes: int = 1000, manifest_bytes: int = 100) -> tuple[Message, Message]:
    return (
        Message(IMAGE, b"\xff\xd8" + bytes(image_bytes - 2), content_type="image/jpeg"),
        Message(
            SAMPLE, b"{" + b" " * (manifest_bytes - 2) + b"}", user_properties=(("id", "one"),)
        ),
    )


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_delivers_image_then_manifest(broker: Broker, protocol: str) -> None:
    with running(settings(broker.port, protocol=protocol)) as rig, peer(broker.port) as consumer:
        consumer.subscribe(ALL)
        rig.expect(Connected)
        sent = parcel()
        rig.sink.send("one", sent)
        assert rig.expect(Accepted) == Accepted("one")
        got = [consumer.get(), consumer.get()]
        assert [(m.topic, m.payload) for m in got] == [(m.topic, m.payload) for m in sent]
        if protocol == "5":
            assert properties(got[0]).ContentType == "image/jpeg"
            assert properties(got[1]).UserProperty == [("id", "one")]


def properties(message: MQTTMessage) -> Any:
    return message.properties


def test_nobody_subscribed_is_no_delivery(broker: Broker) -> None:
    with running(settings(broker.port)) as rig:
        rig.expect(Connected)
        rig.sink.send("one", parcel())
        refused = rig.expect(Refused)
        assert (refused.parcel_id, refused.permanent) == ("one", False)
        assert "nobody" in refused.why
        assert rig.next_event(0.2) is None, "one answer for one send"


def test_over_3_1_1_nobody_subscribed_cannot_be_seen(broker: Broker) -> None:
    with running(settings(broker.port, protocol="3.1.1")) as rig:
        rig.expect(Connected)
        rig.sink.send("one", parcel())
        rig.expect(Accepted)


def test_without_a_session_nothing_is_taken() -> None:
    with running(settings(free_port())) as rig:
        with pytest.raises(SinkError, match="no session"):
            rig.sink.send("one", parcel())
        with pytest.raises(SinkError, match="no session"):
            rig.sink.publish(device_status(TOPICS, "ready", 1, 0))
        assert "no connection" in rig.expect(Disconnected).why


def test_a_killed_broker_ends_the_session_and_the_next_one_begins(broker: Broker) -> None:
    with running(settings(broker.port)) as rig:
        first = rig.expect(Connected)
        broker.kill()
        rig.expect(Disconnected)
        with pytest.raises(SinkError):
            rig.sink.send("one", parcel())
        broker.start()
        second = rig.expect(Connected)
        assert second.session > first.session


def test_an_acl_denial_is_told_over_5(make_broker: MakeBroker) -> None:
    broker = make_broker("allow_anonymous true")
    acl = broker.directory / "acl"
    acl.write_text(f"topic read {TOPICS.root}/#\ntopic write other/#\n")
    broker.stop()
    broker = make_broker("allow_anonymous true", f"acl_file {acl}")
    with running(settings(broker.port)) as rig:
        rig.expect(Connected)
        rig.sink.send("one", parcel())
        refused = rig.expect(Refused)
        assert "0x87" in refused.why
        assert not refused.permanent, "an operator can mend it: nothing may be lost"


def test_what_the_broker_cannot_take_is_refused_before_it_is_sent(make_broker: MakeBroker) -> None:
    broker = make_broker("allow_anonymous true", "max_packet_size 20000")
    with running(settings(broker.port)) as rig, peer(broker.port) as consumer:
        consumer.subscribe(ALL)
        assert rig.expect(Connected).limits.maximum_packet_bytes == 20000
        rig.sink.send("one", parcel(image_bytes=30_000))
        refused = rig.expect(Refused)
        assert refused.permanent
        limit = refused.image_limit_bytes
        assert limit is not None
        rig.sink.send("two", parcel(image_bytes=limit))
        assert rig.expect(Accepted).parcel_id == "two"
        rig.sink.send("three", parcel(image_bytes=limit + 1))
        assert rig.expect(Refused).image_limit_bytes == limit, "the limit is exact"
        assert consumer.get().topic == IMAGE
        assert consumer.get().topic == SAMPLE
        assert consumer.messages.empty()


def test_a_manifest_that_is_too_large_cannot_be_helped(make_broker: MakeBroker) -> None:
    broker = make_broker("allow_anonymous true", "max_packet_size 20000")
    with running(settings(broker.port)) as rig:
        rig.expect(Connected)
        rig.sink.send("one", parcel(manifest_bytes=30_000))
        refused = rig.expect(Refused)
        while "larger" not in refused.why:
            refused = rig.expect(Refused)
        assert (refused.permanent, refused.image_limit_bytes) == (True, None)


def test_a_limit_the_broker_keeps_to_itself(make_broker: MakeBroker) -> None:
    broker = make_broker("allow_anonymous true", "message_size_limit 20000")
    with running(settings(broker.port)) as rig, peer(broker.port) as consumer:
        consumer.subscribe(ALL)
        assert rig.expect(Connected).limits.maximum_packet_bytes is None
        rig.sink.send("one", parcel(image_bytes=30_000))
        refused = rig.expect(Refused)
        assert (refused.permanent, refused.image_limit_bytes) == (True, 15_000)


FIRST = Ingested(("first",))


def wait_for_subscription(rig: Rig, consumer: Peer) -> bool:
    """Two connections share no order: what is said before the broker has our filters is lost."""
    for _ in range(50):
        consumer.publish(ack_message(TOPICS, ("first",)))
        if rig.next_event(0.2) == FIRST:
            return True
    return False


def test_acknowledgements_arrive_and_nonsense_is_counted(broker: Broker) -> None:
    with running(settings(broker.port)) as rig, peer(broker.port) as consumer:
        rig.expect(Connected)
        assert wait_for_subscription(rig, consumer)
        for payload in (b"", b"nonsense", b"[]", b'{"ids": [1]}', b"\xff", b"{" * 100_000):
            consumer.say(TOPICS.ack, payload)
        consumer.say("gleancam/v1/depot/ingest/peer/status", b"nonsense")
        consumer.publish(ack_message(TOPICS, ("one", "two"), (Rejection("three", "blurred"),)))
        while (ingested := rig.expect(Ingested)) == FIRST:
            pass
        assert ingested == Ingested(("one", "two"))
        assert rig.expect(Rejected) == Rejected("three", "blurred")
        assert rig.lost == ["malformed"] * 7


def test_acknowledgements_wait_at_the_broker_while_we_are_away(broker: Broker) -> None:
    with running(settings(broker.port)) as rig:
        rig.expect(Connected)
    with peer(broker.port) as consumer:
        consumer.publish(ack_message(TOPICS, ("one",)))
    with running(settings(broker.port)) as rig:
        assert rig.expect(Ingested) == Ingested(("one",))


def test_presence_is_any_consumers(broker: Broker) -> None:
    with running(settings(broker.port)) as rig, peer(broker.port) as consumer:
        rig.expect(Connected)
        consumer.come_online("first")
        assert rig.expect(Presence).online
        consumer.come_online("second")
        consumer.come_online("first", online=False)
        assert rig.next_event(0.3) is None
        consumer.say("gleancam/v1/depot/ingest/second/status", b"", retain=True)
        assert not rig.expect(Presence).online


def test_presence_is_told_anew_in_every_session(broker: Broker) -> None:
    with peer(broker.port) as consumer:
        consumer.come_online()
    for _ in range(2):
        with running(settings(broker.port)) as rig:
            rig.expect(Connected)
            assert rig.expect(Presence).online


def test_a_clean_stop_says_what_it_was_handed_and_leaves_no_will(broker: Broker) -> None:
    with peer(broker.port) as consumer:
        consumer.subscribe(TOPICS.status)
        with running(settings(broker.port)) as rig:
            session = rig.expect(Connected).session
            for _ in range(50):
                rig.sink.send("one", parcel(image_bytes=50_000))
            rig.sink.publish(device_status(TOPICS, "stopped", session, 0))
        assert json.loads(consumer.get().payload)["state"] == "stopped"
        wait_until(lambda: "Received DISCONNECT from gleancam-depot-gate-1" in broker.log())
        assert consumer.messages.empty()


def test_a_lost_device_is_told_by_its_will_with_its_session(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gleancam.sinks._paho.WILL_DELAY_S", 1)
    with peer(broker.port) as watcher, running(settings(broker.port), most_sessions=1) as rig:
        watcher.subscribe(TOPICS.status)
        session = rig.expect(Connected).session
        cut(rig)
        lost = json.loads(watcher.get().payload)
        assert (lost["state"], lost["session"]) == ("lost", session)
        rig.expect(Disconnected)
        assert "counter" in rig.expect(Disconnected).why


def test_a_short_break_is_no_loss(broker: Broker) -> None:
    with peer(broker.port) as watcher, running(settings(broker.port)) as rig:
        watcher.subscribe(TOPICS.status)
        rig.expect(Connected)
        cut(rig)
        rig.expect(Disconnected)
        rig.expect(Connected)
        rig.sink.publish(device_status(TOPICS, "ready", 2, 0))
        assert json.loads(watcher.get().payload)["state"] == "ready"


def test_the_window_is_bounded(broker: Broker) -> None:
    with running(settings(broker.port)) as rig:
        rig.expect(Connected)
        with pytest.raises(SinkError, match="full"):
            send_for_ever(rig)


def send_for_ever(rig: Rig) -> None:
    image, manifest = parcel(image_bytes=200_000)
    for _ in range(100_000):
        rig.sink.send("one", (image, manifest))
