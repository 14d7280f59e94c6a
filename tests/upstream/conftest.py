"""A device that publishes what it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from paho.mqtt.client import Client, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gleancam.wire.ack import Ack, parse_ack
from gleancam.wire.message import Message
from gleancam.wire.parcel import Parcel, messages
from made_samples import TOPICS

GIVE_UP_S = 30


class Device:
    """A conforming publisher that hears acknowledgements and presence."""

    def __init__(self, port: int, *, mqtt5: bool = True) -> None:
        self.mqtt5 = mqtt5
        self.acks: list[Ack] = []
        self.presence: list[bytes] = []
        self._heard = threading.Condition()
        self._client = Client(
            CallbackAPIVersion.VERSION2, "device", protocol=MQTTv5 if mqtt5 else MQTTv311
        )
        self._client.on_message = self._on_message
        subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._client.subscribe([(TOPICS.ack, 1), (TOPICS.ingest_filter, 1)])
        assert subscribed.wait(GIVE_UP_S)

    def publish(self, *wanted: Message) -> None:
        for message in wanted:
            properties = None
            if self.mqtt5:
                properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho leaves it untyped
                properties.ContentType = message.content_type
                properties.UserProperty = list(message.user_properties)
            info = self._client.publish(
                message.topic, message.payload, 1, message.retain, properties
            )
            info.wait_for_publish(GIVE_UP_S)

    def deliver(self, parcel: Parcel, *, attempt: int = 1) -> None:
        self.publish(*self.messages(parcel, attempt=attempt))

    def messages(self, parcel: Parcel, *, attempt: int = 1) -> tuple[Message, ...]:
        return messages(parcel, TOPICS, attempt=attempt, spooled_s=0, mqtt5=self.mqtt5)

    def acknowledged(self, count: int) -> list[str]:
        """Wait for so many acknowledged ids, and return them in order."""
        with self._heard:
            assert self._heard.wait_for(lambda: len(self._ids()) >= count, GIVE_UP_S), self.acks
            return self._ids()

    def rejected(self, count: int) -> dict[str, str]:
        """Wait for so many rejections, and return id to reason."""
        with self._heard:
            assert self._heard.wait_for(lambda: len(self._rejections()) >= count, GIVE_UP_S)
            return self._rejections()

    def saw_presence(self, count: int) -> list[bytes]:
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.presence) >= count, GIVE_UP_S)
            return self.presence

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        # paho leaves the sockets it wakes itself with to the garbage collector.
        self._client._reset_sockets()

    def _ids(self) -> list[str]:
        return [one for ack in self.acks for one in ack.ids]

    def _rejections(self) -> dict[str, str]:
        return {one.id: one.why for ack in self.acks for one in ack.rejected}

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        payload = bytes(message.payload)
        with self._heard:
            if message.topic == TOPICS.ack:
                self.acks.append(parse_ack(payload))
            else:
                self.presence.append(payload)
            self._heard.notify_all()


@pytest.fixture
def device(broker_port: int) -> Iterator[Device]:
    made = Device(broker_port)
    yield made
    made.close()


@pytest.fixture
def device311(broker_port: int) -> Iterator[Device]:
    made = Device(broker_port, mqtt5=False)
    yield made
    made.close()
