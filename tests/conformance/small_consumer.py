"""A consumer of its own make, with aiomqtt; with `--fault`, one that breaks a rule."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from conformance.program import begin

VERSIONS = {"5": aiomqtt.ProtocolVersion.V5, "3.1.1": aiomqtt.ProtocolVersion.V311}
ID = re.compile("[a-z0-9-]{1,64}")
TIME = "2025-01-31T12:00:00.000000000Z"


@dataclass
class Consumer:
    """Keeps samples in memory, as if that were safe."""

    client: aiomqtt.Client
    fault: str
    images: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, Any] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)

    async def take(self, topic: str, payload: bytes) -> None:
        levels = topic.split("/")
        root, kind = "/".join(levels[:4]), levels[6]
        if kind == "image":
            await self.take_image(root, levels[7], payload)
        elif kind == "event":
            await self.take_event(root, self.read(payload))
        elif kind == "sample":
            await self.take_manifest(root, self.read(payload))

    def read(self, payload: bytes) -> Any:
        """Return what is in the envelope, if there is one; None for what is no JSON object."""
        try:
            document = json.loads(payload)
        except (ValueError, RecursionError):
            if self.fault == "fragile":
                os._exit(3)  # a crash: no orderly end, no farewell
            return None
        if not isinstance(document, dict):
            return None
        if "specversion" in document and self.fault != "bare only":
            return document.get("data")
        return document

    async def take_event(self, root: str, data: Any) -> None:
        known = isinstance(data, dict) and isinstance(data.get("event_id"), str)
        if known and self.fault != "no events":
            await self.ack(root, data["event_id"])

    async def take_manifest(self, root: str, data: Any) -> None:
        if not (isinstance(data, dict) and isinstance(data.get("image"), dict)):
            return
        sample_id = data.get("sample_id")
        if not isinstance(sample_id, str) or not ID.fullmatch(sample_id):
            return
        if self.fault == "strict" and "later" in data:
            return
        held = data["image"].get("delivery") == "held"
        alone = sample_id not in self.images and not held
        if self.fault == "drops manifests" and alone:
            return
        self.manifests[sample_id] = data
        if (held and self.fault != "waits for held") or (self.fault == "early" and alone):
            await self.safe(root, sample_id)
        else:
            await self.pair(root, sample_id)

    async def take_image(self, root: str, sample_id: str, payload: bytes) -> None:
        self.images[sample_id] = payload
        manifest = self.manifests.get(sample_id)
        if manifest is not None and manifest["image"]["delivery"] == "held":
            suffix = "" if self.fault == "names pictures wrongly" else "-image"
            await self.ack(root, sample_id + suffix)
        else:
            await self.pair(root, sample_id)

    async def pair(self, root: str, sample_id: str) -> None:
        if sample_id not in self.images or sample_id not in self.manifests:
            return
        manifest, image = self.manifests.pop(sample_id), self.images.pop(sample_id)
        right = hashlib.sha256(image).hexdigest() == manifest["image"]["sha256"]
        if right or self.fault == "careless":
            await self.safe(root, sample_id)

    async def safe(self, root: str, sample_id: str) -> None:
        if self.fault == "once" and sample_id in self.done:
            return
        self.done.add(sample_id)
        await self.ack(root, sample_id)

    async def ack(self, root: str, parcel_id: str) -> None:
        document: Any = {"ids": [parcel_id], "rejected": []}
        if self.fault == "talkative":
            document["ids"].append("made-up")
        if self.fault == "bad acks" and len(self.done) == 3:
            await self.client.publish(f"{root}/ack", json.dumps({"ids": parcel_id}), qos=1)
        retain = self.fault == "retained acks"
        if self.fault != "mute":
            await self.client.publish(f"{root}/ack", json.dumps(document), qos=1, retain=retain)


async def run(port: int, protocol: str, site: str, fault: str) -> None:
    presence = f"gleancam/v1/{site}/ingest/small/status"
    gone = json.dumps({"online": False, "ts": TIME})
    will = aiomqtt.Will(presence, gone, qos=1, retain=fault != "passing will")
    session: dict[str, Any] = {"clean_session": False}
    if protocol == "5":
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = 3600
        session = {"clean_start": False, "properties": properties}
    async with aiomqtt.Client(
        "127.0.0.1",
        port,
        identifier=f"small-{site}",
        protocol=VERSIONS[protocol],
        will=None if fault == "no will" else will,
        **session,
    ) as client:
        for kind in ("sample", "event", "image/+"):
            await client.subscribe(f"gleancam/v1/{site}/+/cam/+/{kind}", qos=1)
        here = json.dumps({"online": True, "ts": TIME})
        if fault != "no presence":
            await client.publish(presence, here, qos=1, retain=fault != "unretained")
        consumer = Consumer(client, fault)
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            await consumer.take(message.topic.value, message.payload)


if __name__ == "__main__":
    begin(run)
