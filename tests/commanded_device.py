"""The lower half of a daemon that obeys commands, and an independent client that gives them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from prometheus_client import CollectorRegistry

from gleancam.cameras import CameraBoard
from gleancam.captures import Captures
from gleancam.config.keys import Config, Mqtt, TestCamera
from gleancam.delivery.courier import Delivery
from gleancam.delivery.dispatch import Route
from gleancam.delivery.state import Policy
from gleancam.doctor.remote import CHECKS, Check
from gleancam.metrics import Metrics
from gleancam.parts.bandwidth import MeteredOrder, make_bandwidth
from gleancam.parts.commands import Orders
from gleancam.parts.examiner import LIMIT_S, Examiner
from gleancam.pause import Pause
from gleancam.sinks.mqtt import Identity, MqttSink
from gleancam.spool.queue import Spool
from gleancam.stage import Stage
from gleancam.statuses import Statuses
from mqtt_rig import TOPICS, will
from waiting import wait_until

WAIT_S = 20.0
CAMERAS = ("front", "yard")


class Device:
    """Spool, delivery, MQTT sink and orders; `pause` and `captures` show what was done."""

    def __init__(self, spool: Spool, mqtt: Mqtt, *, ack_timeout_s: int = 60) -> None:
        self.spool = spool
        self.registry = CollectorRegistry()
        self.crashes: list[tuple[str, BaseException]] = []
        metrics = Metrics(self.registry)
        identity = Identity(TOPICS, spool.next_session, will)
        sink = MqttSink(mqtt, identity, self._crash, lambda _reason: None)
        route = Route(TOPICS, mqtt.protocol == "5", 10**6, drain_s=1)
        bandwidth = make_bandwidth(mqtt, spool, metrics)
        self.delivery = Delivery(
            spool,
            sink,
            Policy("ingest", ack_timeout_s * 10**9),
            route,
            metrics,
            bandwidth=bandwidth,
        )
        self.statuses = Statuses(TOPICS, self.delivery, CameraBoard(CAMERAS))
        self.captures, self.pause = Captures(), Pause()
        orders = Orders(CAMERAS, self.captures, self.pause, self.statuses, metrics)
        orders.obeyed_by(self.delivery)
        MeteredOrder(bandwidth, self.statuses).obeyed_by(self.delivery)
        watched = tuple(TestCamera(id=one) for one in CAMERAS)
        self._config = Config(site="depot", device="gate-1", cameras=watched, mqtt=mqtt)
        self.stage = Stage("delivery", self.delivery.run, self._crash)
        self.examine_with(CHECKS, LIMIT_S)

    def examine_with(self, checks: Mapping[str, Check], limit_s: float) -> None:
        """Say what doctor looks at; before the device runs."""
        self.examiner = Examiner(self._config, self.delivery.nudge, checks, limit_s)
        self.examiner.obeyed_by(self.delivery)
        self.doctor = Stage("doctor", self.examiner.run, self._crash)

    def count(self, name: str, outcome: str) -> float:
        labels = {"name": name, "outcome": outcome}
        return self.registry.get_sample_value("gleancam_commands_total", labels) or 0

    def counted(self) -> float:
        """Count all messages on command topics."""
        found = [
            sample.value
            for metric in self.registry.collect()
            if metric.name == "gleancam_commands"
            for sample in metric.samples
            if sample.name.endswith("_total")
        ]
        return sum(found)

    def _crash(self, name: str, error: BaseException) -> None:
        self.crashes.append((name, error))


@contextmanager
def running(device: Device) -> Iterator[Device]:
    device.statuses.enter("ready")
    device.statuses.look()
    device.doctor.start()
    device.stage.start()
    try:
        wait_until(lambda: device.delivery.session is not None)
        yield device
    finally:
        device.stage.stop()
        assert device.stage.join(30)
        device.examiner.close()
        assert device.doctor.join(30)
    assert device.crashes == []


@dataclass(frozen=True)
class Given:
    """One publication; MQTT 5 properties are left out on 3.1.1."""

    name: str
    payload: bytes
    expiry_s: int | None = None
    response: str = ""
    correlation: bytes = b""
    retain: bool = False


@dataclass
class Asker:
    """Gives commands with a client of its own, in one go, and collects the answers."""

    port: int
    protocol: str
    root: str = TOPICS.root

    def ask(self, given: Given, *others: Given) -> list[Any]:
        """Return the answers to all of them, in order, with `topic` and `correlation` added."""
        return asyncio.run(self._ask((given, *others)))

    def say(self, given: Given) -> None:
        """Publish and wait for no answer."""
        asyncio.run(self._ask((given,), answered=False))

    async def _ask(self, all_given: Sequence[Given], *, answered: bool = True) -> list[Any]:
        version = {"5": aiomqtt.ProtocolVersion.V5, "3.1.1": aiomqtt.ProtocolVersion.V311}
        async with aiomqtt.Client(
            "127.0.0.1", self.port, identifier="asker", protocol=version[self.protocol]
        ) as client:
            await client.subscribe(f"{self.root}/cmd/+/result/#", qos=1)
            for given in all_given:
                await client.publish(
                    f"{self.root}/cmd/{given.name}",
                    given.payload,
                    qos=1,
                    retain=given.retain,
                    properties=self._properties(given),
                )
            count = len(all_given) if answered else 0
            return [_answer(await self._next(client)) for _ in range(count)]

    @staticmethod
    async def _next(client: aiomqtt.Client) -> aiomqtt.Message:
        return await asyncio.wait_for(anext(client.messages), WAIT_S)

    def _properties(self, given: Given) -> Properties | None:
        if self.protocol != "5":
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if given.expiry_s is not None:
            properties.MessageExpiryInterval = given.expiry_s
        if given.response:
            properties.ResponseTopic = given.response
        if given.correlation:
            properties.CorrelationData = given.correlation
        return properties


def _answer(message: aiomqtt.Message) -> Any:
    assert isinstance(message.payload, bytes)
    assert not message.retain
    assert message.qos == 1
    answer = json.loads(message.payload)
    correlation = getattr(message.properties, "CorrelationData", b"")
    expiry_s = getattr(message.properties, "MessageExpiryInterval", None)
    extra = {"correlation": correlation, "expiry_s": expiry_s}
    return {**answer, **extra, "topic": message.topic.value}
