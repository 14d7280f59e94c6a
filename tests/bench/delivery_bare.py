"""The bare client: paho and nothing else, with everything to publish made before and in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from bench.delivery_device import WINDOW_MESSAGES
from gleancam.wire.message import Message

WAIT_S = 120.0


def publish_all(port: int, messages: Sequence[Message]) -> float:
    """Publish with QoS 1 as fast as paho can; return the seconds from CONNACK to the last PUBACK.

    paho's own thread sends; its window (`max_inflight_messages`) is the device's.
    """
    connected, done = threading.Event(), threading.Event()
    left = len(messages)

    def on_publish(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            done.set()

    client = Client(CallbackAPIVersion.VERSION2, "bare", protocol=MQTTProtocolVersion.MQTTv5)
    client.max_inflight_messages_set(WINDOW_MESSAGES)
    client.on_connect = lambda *_: connected.set()
    client.on_publish = on_publish
    client.connect("127.0.0.1", port)
    client.loop_start()
    ready = [(one, _properties(one)) for one in messages]
    assert connected.wait(WAIT_S)
    began = time.perf_counter()
    for one, properties in ready:
        client.publish(one.topic, one.payload, 1, one.retain, properties)
    assert done.wait(WAIT_S)
    took_s = time.perf_counter() - began
    client.disconnect()
    client.loop_stop()
    # paho leaves the sockets it wakes itself with to the garbage collector.
    client._reset_sockets()
    return took_s


def _properties(message: Message) -> Properties:
    made = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho left it untyped
    if message.content_type:
        made.ContentType = message.content_type
    if message.user_properties:
        made.UserProperty = list(message.user_properties)
    return made
