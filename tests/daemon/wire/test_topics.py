from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.wire.address import Address, IngestAddress, parse_ingest_topic, parse_topic
from gleancam.wire.error import WireError
from gleancam.wire.presence import parse_presence, presence_message
from gleancam.wire.subscriptions import consumer_filters
from gleancam.wire.topics import INGEST, Topics

ids = st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True)
devices = ids.filter(lambda text: text != INGEST)


@given(ids, ids, devices, ids, ids)
def test_every_topic_comes_back_as_its_parts(
    prefix: str, site: str, device: str, camera: str, sample: str
) -> None:
    topics = Topics(prefix, site, device)
    for topic, address in (
        (topics.status, Address(topics, "status")),
        (topics.info, Address(topics, "info")),
        (topics.ack, Address(topics, "ack")),
        (topics.command(camera), Address(topics, "command", command=camera)),
        (topics.command_result(camera), Address(topics, "command_result", command=camera)),
        (
            topics.command_result(camera, sample),
            Address(topics, "command_result", command=camera, asker=sample),
        ),
        (topics.camera_status(camera), Address(topics, "camera_status", camera)),
        (topics.sample(camera), Address(topics, "sample", camera)),
        (topics.event(camera), Address(topics, "event", camera)),
        (topics.image(camera, sample), Address(topics, "image", camera, sample)),
    ):
        assert parse_topic(topic) == address


@given(ids, ids, ids, st.booleans())
def test_presence_comes_back(prefix: str, site: str, consumer: str, online: bool) -> None:  # noqa: FBT001 - drawn
    message = presence_message(prefix, site, consumer, online=online, ts_ns=10**18)
    assert parse_ingest_topic(message.topic) == IngestAddress(prefix, site, consumer)
    assert parse_presence(message.topic, message.payload) == (consumer, online)
    assert message.retain
    assert parse_presence(message.topic, b"") == (consumer, False)


@pytest.mark.parametrize("bad", ["", "A", "a/b", "a+", "#", "a\n", "é", "a" * 65, "."])
def test_what_is_no_id_is_refused(bad: str) -> None:
    good = Topics("gleancam", "depot", "gate")
    for make in (
        lambda: Topics(bad, "depot", "gate"),
        lambda: Topics("gleancam", bad, "gate"),
        lambda: Topics("gleancam", "depot", bad),
        lambda: good.camera_status(bad),
        lambda: good.image("front", bad),
        lambda: good.command(bad),
        lambda: good.command_result("pause", bad or "/"),
        lambda: consumer_filters("gleancam", bad),
        lambda: presence_message("gleancam", "depot", bad, online=True, ts_ns=0),
    ):
        with pytest.raises(WireError, match="1 to 64"):
            make()


def test_no_device_is_called_ingest() -> None:
    with pytest.raises(WireError, match="taken"):
        Topics("gleancam", "depot", INGEST)


def test_filters_match_what_a_device_sends_and_nothing_else() -> None:
    from paho.mqtt.client import topic_matches_sub

    topics = Topics("gleancam", "depot", "gate")
    filters = consumer_filters("gleancam", "depot")

    def wanted(topic: str) -> bool:
        return any(topic_matches_sub(one, topic) for one in filters)

    assert wanted(topics.status)
    assert wanted(topics.image("front", "a"))
    assert not wanted(topics.ack)
    assert not wanted("gleancam/v1/depot/ingest/trainer/status")
    assert not wanted(Topics("gleancam", "other", "gate").status)
