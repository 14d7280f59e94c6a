"""From a topic back to its parts: what a consumer needs to know where a message came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from gleancam.wire.error import WireError
from gleancam.wire.topics import INGEST, VERSION, Topics, checked_id

Kind: TypeAlias = Literal[
    "status",
    "info",
    "ack",
    "command",
    "command_result",
    "camera_status",
    "sample",
    "event",
    "image",
]

_DEVICE_KINDS: dict[str, Kind] = {"status": "status", "info": "info", "ack": "ack"}
_CAMERA_KINDS: dict[str, Kind] = {"status": "camera_status", "sample": "sample", "event": "event"}


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a device's topic.

    Attributes:
        camera_id: empty for the device's own topics.
        sample_id: empty for all but images.
        command: empty for all but commands and their results.
        asker: who a result is for; empty: everybody.
    """

    topics: Topics
    kind: Kind
    camera_id: str = ""
    sample_id: str = ""
    command: str = ""
    asker: str = ""


@dataclass(frozen=True, slots=True)
class IngestAddress:
    """The parts of a consumer's presence topic."""

    prefix: str
    site: str
    consumer: str


def parse_topic(topic: str) -> Address:
    """Return the parts of a device's topic.

    Raises:
        WireError: it is no topic of the contract, or a level is no id.
    """
    prefix, site, device, rest = _levels(topic)
    topics = Topics(prefix, site, device)
    match rest:
        case [kind] if kind in _DEVICE_KINDS:
            return Address(topics, _DEVICE_KINDS[kind])
        case ["cmd", name]:
            return Address(topics, "command", command=checked_id(name, "command"))
        case ["cmd", name, "result", *askers] if len(askers) <= 1:
            return _result(topics, name, askers)
        case ["cam", camera, kind] if kind in _CAMERA_KINDS:
            return Address(topics, _CAMERA_KINDS[kind], checked_id(camera, "camera id"))
        case ["cam", camera, "image", sample]:
            camera_id = checked_id(camera, "camera id")
            return Address(topics, "image", camera_id, checked_id(sample, "sample id"))
    raise _unknown(topic)


def parse_ingest_topic(topic: str) -> IngestAddress:
    """Return the parts of a consumer's presence topic.

    Raises:
        WireError: it is another topic, or a level is no id.
    """
    prefix, site, ingest, rest = _levels(topic)
    match rest:
        case [consumer, "status"] if ingest == INGEST:
            checked_id(prefix, "prefix")
            checked_id(site, "site")
            return IngestAddress(prefix, site, checked_id(consumer, "consumer"))
    raise _unknown(topic)


def _result(topics: Topics, name: str, askers: list[str]) -> Address:
    asker = checked_id(askers[0], "asker") if askers else ""
    command = checked_id(name, "command")
    return Address(topics, "command_result", command=command, asker=asker)


def _levels(topic: str) -> tuple[str, str, str, list[str]]:
    match topic.split("/"):
        case [prefix, version, site, device, *rest] if version == VERSION:
            return prefix, site, device, rest
    raise _unknown(topic)


def _unknown(topic: str) -> WireError:
    return WireError(f"no topic of the contract: {topic[:200]!r}")
