"""Whatever arrives, a parser gives a value or `WireError`, never another exception."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.wire.ack import LIMIT_BYTES, MAX_IDS, MAX_WHY, parse_ack
from gleancam.wire.address import parse_ingest_topic, parse_topic
from gleancam.wire.cloudevent import open_event
from gleancam.wire.error import WireError
from gleancam.wire.event import event_data
from gleancam.wire.presence import parse_presence
from gleancam.wire.sample import sample_data
from gleancam.wire.times import nanoseconds

PRESENCE = "gleancam/v1/depot/ingest/trainer/status"

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
documents = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
fields = st.sampled_from(
    ["ids", "rejected", "id", "why", "online", "ts", "specversion", "data", "sample_id", "image"]
)
payloads = st.one_of(
    st.binary(max_size=300),
    documents.map(lambda document: json.dumps(document).encode()),
    st.dictionaries(fields, documents, max_size=5).map(lambda doc: json.dumps(doc).encode()),
)


@given(payloads)
def test_any_payload(payload: bytes) -> None:
    for parse in (parse_ack, sample_data, event_data, lambda raw: parse_presence(PRESENCE, raw)):
        with contextlib.suppress(WireError):
            parse(payload)


@given(payloads, st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=4))
def test_any_envelope(payload: bytes, properties: list[tuple[str, str]]) -> None:
    with contextlib.suppress(WireError):
        open_event(payload, properties)


levels = st.sampled_from(["gleancam", "v1", "depot", "gate", "cam", "image", "status", "ingest"])


@given(st.text() | st.lists(levels | st.text(max_size=4), max_size=8).map("/".join))
def test_any_topic(topic: str) -> None:
    for parse in (parse_topic, parse_ingest_topic, lambda text: parse_presence(text, b"")):
        with contextlib.suppress(WireError):
            parse(topic)


@given(st.text(max_size=40))
def test_any_time(text: str) -> None:
    with contextlib.suppress(WireError):
        nanoseconds(text)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"ids":['])
def test_deep_nesting(opening: bytes) -> None:
    for parse in (parse_ack, sample_data, event_data, lambda raw: open_event(raw, ())):
        with pytest.raises(WireError):
            parse(opening * 40_000)


@pytest.mark.parametrize(
    "payload",
    [
        b" " * (LIMIT_BYTES + 1),
        json.dumps({"ids": ["a"] * (MAX_IDS + 1)}).encode(),
        b'{"ids": ["../../etc/passwd"]}',
        b'{"ids": ["UPPER"]}',
        b'{"ids": ["line\\n"]}',
        b'{"ids": [""]}',
        b'{"ids": "a"}',
        b'{"rejected": [{"id": "a"}]}',
        b"\xff\xfe",
        b"",
    ],
)
def test_acknowledgements_that_are_none(payload: bytes) -> None:
    with pytest.raises(WireError):
        parse_ack(payload)


def test_a_reason_cannot_break_a_log_line() -> None:
    document: Any = {"rejected": [{"id": "a", "why": "no\n<3>forged\x1b[2J" + "x" * 500}]}
    why = parse_ack(json.dumps(document).encode()).rejected[0].why
    assert why.startswith("no <3>forged [2J")
    assert len(why) == MAX_WHY


def test_unknown_fields_are_ignored() -> None:
    assert parse_ack(b'{"ids": ["a"], "later": {"x": [1]}}').ids == ("a",)


@pytest.mark.parametrize(
    "topic",
    [
        "gleancam/v2/depot/gate/status",
        "gleancam/v1/depot/gate",
        "gleancam/v1/depot/gate/cam/front/image",
        "gleancam/v1/depot/gate/cam/front/image/../../x",
        "gleancam/v1/depot/gate/cam/Front/sample",
        "gleancam/v1/depot/gate/cam/front/sample\n",
        "gleancam/v1/depot/gate/cam/front\n/sample",
        "gleancam/v1/depot/ingest/status",
        "/v1/depot/gate/status",
    ],
)
def test_topics_that_are_none(topic: str) -> None:
    with pytest.raises(WireError):
        parse_topic(topic)
