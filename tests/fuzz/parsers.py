"""Everything that reads what came over the network, and what to feed it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st

from fuzz import deliveries, pictures, seeds
from fuzz.mutations import cut, cuts, payloads
from fuzz.running import Parser
from fuzz.strange_text import properties, times, topics
from gleancam.config.file import load, read_document
from gleancam.doctor.connack import parse_connack, read_length
from gleancam.errors import ConfigurationError
from gleancam.twin.wanted import whole
from gleancam.wire.ack import parse_ack
from gleancam.wire.address import parse_ingest_topic, parse_topic
from gleancam.wire.cloudevent import LIMIT_BYTES, open_event
from gleancam.wire.codec import decode
from gleancam.wire.embedding import embedding_vector
from gleancam.wire.error import WireError
from gleancam.wire.event import event_data
from gleancam.wire.payloads import PAYLOADS
from gleancam.wire.presence import parse_presence
from gleancam.wire.sample import sample_data
from gleancam.wire.schemas import SchemaName
from gleancam.wire.times import nanoseconds
from gleancam.wire.twin import parse_desired
from gleancam_upstream.verification import (
    claimed_id,
    verified_event,
    verified_manifest,
    verify_image,
)

WIRE = (WireError,)


def _sample(payload: bytes) -> None:
    embedding_vector(sample_data(payload).embedding)


def _status(kind: SchemaName, payload: bytes) -> None:
    decode(payload, PAYLOADS[kind], limit_bytes=LIMIT_BYTES)


def _topic(topic: str) -> None:
    """It must read one way at least, or be refused both ways by the same error."""
    try:
        parse_topic(topic)
    except WireError:
        parse_ingest_topic(topic)


def _envelope(message: tuple[bytes, Any]) -> None:
    opened = open_event(*message)
    claimed_id(opened)
    try:
        verified_manifest(parse_topic(seeds.MANIFEST.topic), opened)
    except WireError:
        verified_event(parse_topic(seeds.EVENT_MESSAGE.topic), opened)


def _jpeg(claimed: pictures.Claimed) -> None:
    verify_image(claimed.claim, claimed.jpeg)


def _connack(packet: bytes) -> None:
    read_length(packet)
    parse_connack(packet, 5)
    parse_connack(packet, 4)


_TWIN = read_document(seeds.EXAMPLE)


def _configuration(payload: bytes) -> None:
    """As a device reads `desired`, but for the files that the result would name."""
    whole(_TWIN, parse_desired(payload).configuration)


class _File:
    """A file that is written and loaded again and again."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="gleancam-fuzz-")
        self._path = Path(self._folder.name) / "config.toml"

    def load(self, text: bytes) -> None:
        self._path.write_bytes(text)
        load(self._path)


def parsers() -> tuple[Parser, ...]:
    return (
        Parser("acknowledgement", payloads([seeds.ACK]), parse_ack, WIRE, 3),
        Parser(
            "presence",
            st.tuples(st.just(seeds.PRESENCE_MESSAGE.topic) | topics, payloads([seeds.PRESENCE])),
            lambda message: parse_presence(*message),
            WIRE,
        ),
        Parser("topic", topics, _topic, WIRE),
        Parser("time", times, nanoseconds, WIRE, 1),
        Parser(
            "envelope",
            st.tuples(payloads([*seeds.STRUCTURED, seeds.SAMPLE]), properties),
            _envelope,
            WIRE,
            3,
        ),
        Parser("manifest", payloads([seeds.SAMPLE]), _sample, WIRE, 3),
        Parser("event", payloads([seeds.EVENT_DATA]), event_data, WIRE),
        Parser("status", payloads([seeds.STATUS]), lambda raw: _status("status", raw), WIRE, 1),
        Parser(
            "camera status",
            payloads([seeds.CAMERA_STATUS]),
            lambda raw: _status("camera-status", raw),
            WIRE,
            1,
        ),
        Parser("info", payloads([seeds.INFO]), lambda raw: _status("info", raw), WIRE, 1),
        Parser("picture", pictures.jpegs, _jpeg, WIRE),
        Parser(
            "consumer",
            deliveries.to_consumer,
            deliveries.Consumer().hear,
            (deliveries.RefusedError,),
            3,
        ),
        Parser(
            "device", deliveries.to_device, deliveries.Device().hear, (deliveries.RefusedError,), 3
        ),
        Parser(
            "CONNACK (doctor)",
            st.binary(max_size=80),
            _connack,
            (ValueError,),
            1,
        ),
        Parser(
            "configuration",
            payloads([*seeds.DESIRED]),
            _configuration,
            (WireError, ConfigurationError),
            2,
        ),
        Parser(
            "configuration file",
            st.builds(cut, st.just(seeds.CONFIGURATION_TEXT.encode()), cuts),
            _File().load,
            (ConfigurationError,),
            1,
        ),
    )
