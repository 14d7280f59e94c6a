"""An MQTT sink and a plain client beside it, for tests with a real broker."""

from __future__ import annotations

import json
import queue
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from gleancam.config.keys import Mqtt
from gleancam.errors import SpoolFullError
from gleancam.sinks.base import SinkEvent
from gleancam.sinks.mqtt import Identity, MqttSink
from gleancam.wire.message import Message
from gleancam.wire.presence import presence_message
from gleancam.wire.status import device_status
from gleancam.wire.topics import Topics

TOPICS = Topics("gleancam", "depot", "gate-1")
ALL = f"{TOPICS.root}/#"
WAIT_S = 20.0

Event = TypeVar("Event")


@dataclass
class Rig:
    """A sink, what it lost, and its crashes (there must be none)."""

    settings: Mqtt
    lost: list[str] = field(default_factory=list)
    crashes: list[tuple[str, BaseException]] = field(default_factory=list)
    sessions: int = 0
    most_sessions: int = 1000

    def __post_init__(self) -> None:
        identity = Identity(TOPICS, self._next_session, will)
        self.sink = MqttSink(
            self.settings, identity, lambda *crash: self.crashes.append(crash), self.lost.append
        )

    def _next_session(self) -> int:
        if self.sessions >= self.most_sessions:
            raise SpoolFullError("the session counter cannot be raised")
        self.sessions += 1
        return self.sessions

    def expect(self, kind: type[Event]) -> Event:
        """Return the next event of a kind, passing over others."""
        while (event := self.next_event()) is not None:
            if isinstance(event, kind):
                return event
        raise AssertionError(f"no {kind.__name__} within {WAIT_S} s")

    def next_event(self, timeout_s: float = WAIT_S) -> SinkEvent | None:
        return self.sink.events.get(timeout_s)


def cut(rig: Rig) -> None:
    """Break the connection as a pulled cable would, both ways at once."""
    connection = rig.sink._connection
    assert connection is not None
    broken = connection._link._client.socket()
    assert isinstance(broken, socket.socket)
    broken.shutdown(socket.SHUT_RDWR)


def will(session: int) -> Message:
    return device_status(TOPICS, "lost", session, 0)


def settings(port: int, **fields: object) -> Mqtt:
    return Mqtt(host="127.0.0.1", port=port, **fields)  # type: ignore[arg-type]


@contextmanager
def running(mqtt: Mqtt, most_sessions: int = 1000) -> Iterator[Rig]:
    rig = Rig(mqtt, most_sessions=most_sessions)
    rig.sink.start()
    try:
        yield rig
    finally:
        rig.sink.stop(5)
    assert rig.crashes == []


class Peer:
    """A plain client that keeps every message it gets."""

    def __init__(self, port: int, client_id: str = "peer", username: str = "") -> None:
        self.messages: queue.Queue[MQTTMessage] = queue.Queue()
        self._subscribed: queue.Queue[int] = queue.Queue()
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv5
        )
        if username:
            self._client.username_pw_set(username, username)
        self.on_sample: Callable[[str], None] | None = None
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *args: self._subscribed.put(args[2])
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def subscribe(self, topic: str) -> None:
        self._client.subscribe(topic, 1)
        self._subscribed.get(timeout=WAIT_S)

    def publish(self, message: Message) -> None:
        self.say(message.topic, message.payload, retain=message.retain)

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self._client.publish(topic, payload, 1, retain).wait_for_publish(WAIT_S)

    def come_online(self, consumer: str = "peer", *, online: bool = True) -> None:
        self.publish(presence_message("gleancam", "depot", consumer, online=online, ts_ns=0))

    def connected(self) -> bool:
        return self._client.is_connected()

    def get(self, timeout_s: float = WAIT_S) -> MQTTMessage:
        return self.messages.get(timeout=timeout_s)

    def publish_soon(self, message: Message) -> None:
        """As `publish`, without waiting: from within a callback nothing else works."""
        self._client.publish(message.topic, message.payload, 1, message.retain)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.messages.put(message)
        if self.on_sample is not None and message.topic.endswith(("/sample", "/event")):
            body = json.loads(message.payload)
            self.on_sample(body.get("data", body)["sample_id"])

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        # paho leaves the sockets it wakes itself with to the garbage collector.
        self._client._reset_sockets()


@contextmanager
def peer(port: int, client_id: str = "peer", username: str = "") -> Iterator[Peer]:
    made = Peer(port, client_id, username)
    try:
        yield made
    finally:
        made.close()
