"""A device of its own make, with aiomqtt; with `--fault`, one that breaks a rule."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from conformance.program import begin
from gleancam.wire.context import DeviceContext
from gleancam.wire.sample import sample_parcel
from gleancam.wire.topics import Topics
from made_samples import ENSEMBLE, made_image, made_sample

VERSIONS = {"5": aiomqtt.ProtocolVersion.V5, "3.1.1": aiomqtt.ProtocolVersion.V311}
TIME = "2025-01-31T12:00:00.000000000Z"
SHA256 = "0" * 64
AGAIN_S = 0.5
SESSION = 7


@dataclass
class Pending:
    """One sample that waits for an answer."""

    sample_id: str
    data: dict[str, Any]
    image: bytes
    attempt: int = 0
    sent_s: float = 0.0


@dataclass
class Device:
    """Three samples, sent every half a second until they are answered."""

    client: aiomqtt.Client
    topics: Topics
    protocol: str
    fault: str
    pending: dict[str, Pending] = field(default_factory=dict)
    online: bool = False
    broken: bool = False

    def fill(self) -> None:
        context = DeviceContext(self.topics, "boot", "true", ENSEMBLE)
        for seed in range(3):
            parcel = sample_parcel(made_sample(seed), made_image(seed), context)
            data = json.loads(parcel.data)
            if self.fault == "wrong sha256":
                data["image"]["sha256"] = SHA256
            if self.fault == "wrong schema":
                data["labels"][0]["box"] = [0, 0, 1, 1.5]
            assert parcel.image is not None
            self.pending[parcel.parcel_id] = Pending(parcel.parcel_id, data, parcel.image)

    async def appear(self) -> None:
        session: dict[str, Any] = {} if self.fault == "no session" else {"session": SESSION}
        status = {"state": "ready", "ts": TIME, "reason": "", **session}
        await self.say(self.topics.status, status, retain=self.fault != "passing status")
        if self.fault != "no cameras":
            await self.say(self.topics.camera_status("front"), self.camera(), retain=True)
        await self.say(self.topics.info, self.info(), retain=self.fault != "passing info")

    def camera(self) -> dict[str, Any]:
        return {
            "state": "online",
            "conditions": [],
            "since": TIME,
            "last_frame": None,
            "error": None,
            "session": SESSION - 1 if self.fault == "old cameras" else SESSION,
            "ts": TIME,
        }

    @staticmethod
    def info() -> dict[str, Any]:
        return {
            "versions": {"small": "1"},
            "board": "none",
            "cameras": [{"id": "front", "source": "test", "fps": 1.0, "enabled": True}],
            "models": [],
            "space_id": "space-1",
            "schemas": {},
            "limits": {"inline_max_bytes": 1000000, "spool_max_bytes": 1000000},
            "ts": TIME,
        }

    async def deliver(self) -> None:
        while True:
            now_s = time.monotonic()
            for one in list(self.pending.values()):
                due = now_s - one.sent_s > AGAIN_S
                if due and (self.online or self.fault == "heedless"):
                    one.attempt, one.sent_s = one.attempt + 1, now_s
                    await self.send(one)
            await asyncio.sleep(0.05)

    async def send(self, one: Pending) -> None:
        data = dict(one.data)
        if self.fault == "changing":
            data["mono_ns"] = one.attempt
        image = (self.topics.image("front", one.sample_id), one.image)
        retain = self.fault == "retained samples"
        if self.fault != "manifest first":
            await self.say(*image, retain=retain)
        await self.send_manifest(one, data)
        if self.fault == "manifest first":
            await self.say(*image)

    async def send_manifest(self, one: Pending, data: dict[str, Any]) -> None:
        topic = self.topics.sample("front")
        attributes = {
            "specversion": "1.0",
            "id": one.sample_id,
            "source": self.topics.camera("front"),
            "type": "gleancam.sample.v1",
            "time": data["captured"],
            "dataschema": "urn:gleancam:v1:sample",
        }
        if self.fault == "no source":
            del attributes["source"]
        if self.protocol == "5":
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.ContentType = "application/json"
            properties.UserProperty = list(attributes.items())
            await self.say(topic, data, properties=properties)
        else:
            await self.say(topic, {**attributes, "data": data})

    async def hear(self) -> None:
        async for message in self.client.messages:
            assert isinstance(message.payload, bytes)
            topic = message.topic.value
            if topic == self.topics.ack:
                self.take_ack(message.payload)
            elif topic.endswith("/status"):
                self.online = bool(message.payload) and json.loads(message.payload)["online"]
            elif not self.broken:
                await self.obey(message, topic.split("/")[-1])

    def take_ack(self, payload: bytes) -> None:
        try:
            said = json.loads(payload)
            ids = [str(one) for one in said.get("ids", ())]
            rejected = [str(one["id"]) for one in said.get("rejected", ())]
        except (ValueError, TypeError, AttributeError):
            self.broken = self.broken or self.fault == "fragile"
            return
        gone = ids * (self.fault != "deaf to ids") + rejected * (self.fault != "stubborn")
        for one in gone:
            self.pending.pop(one, None)

    async def obey(self, message: aiomqtt.Message, name: str) -> None:
        outcome, command_id = "done", None
        assert isinstance(message.payload, bytes)
        try:
            command_id = json.loads(message.payload)["id"]
        except ValueError:
            outcome = "malformed"
        if self.fault == "silent to nonsense" and command_id is None:
            return
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        correlation = getattr(message.properties, "CorrelationData", b"")
        if correlation and self.fault != "forgetful":
            properties.CorrelationData = correlation
        answer = {"command": name, "id": command_id, "outcome": outcome, "why": ""}
        answer = {**answer, "first": None, "ts": TIME}
        if self.fault != "never answers":
            await self.say(self.topics.command_result(name), answer, properties=properties)
        if outcome == "done" and self.fault != "born once":
            await self.appear()

    async def say(
        self,
        topic: str,
        payload: Any,
        *,
        retain: bool = False,
        properties: Properties | None = None,
    ) -> None:
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        carried = properties if self.protocol == "5" else None
        await self.client.publish(topic, raw, qos=1, retain=retain, properties=carried)


def will(topics: Topics, fault: str) -> aiomqtt.Will | None:
    if fault == "no will":
        return None
    session = SESSION - 1 if fault == "old will" else SESSION
    lost = {"state": "lost", "session": session, "ts": TIME, "reason": ""}
    return aiomqtt.Will(topics.status, json.dumps(lost), qos=1, retain=True)


async def run(port: int, protocol: str, site: str, fault: str) -> None:
    topics = Topics("gleancam", site, "small")
    async with aiomqtt.Client(
        "127.0.0.1",
        port,
        identifier=f"device-{site}",
        protocol=VERSIONS[protocol],
        will=will(topics, fault),
    ) as client:
        device = Device(client, topics, protocol, fault)
        device.fill()
        for one in (topics.ack, topics.command_filter, topics.ingest_filter):
            await client.subscribe(one, qos=1)
        await device.appear()
        await asyncio.gather(device.deliver(), device.hear())


if __name__ == "__main__":
    begin(run)
