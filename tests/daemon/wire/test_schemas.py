from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

import gleancam.wire
from gleancam.wire.ack import Rejection, ack_message
from gleancam.wire.command import Command, command_message
from gleancam.wire.command_result import Verdict, result_message
from gleancam.wire.envelope import PLAIN
from gleancam.wire.generate import text
from gleancam.wire.info import CameraInfo, Info, LimitsInfo, ModelInfo, info
from gleancam.wire.message import Message
from gleancam.wire.payloads import PAYLOADS
from gleancam.wire.presence import presence_message
from gleancam.wire.reply import Reply
from gleancam.wire.schemas import SchemaName, load_schema
from gleancam.wire.status import CameraReport, camera_status, cleared, device_status
from gleancam.wire.times import rfc3339
from gleancam.wire.twin import (
    DesiredData,
    ErrorData,
    RefusedData,
    ReportedData,
    desired_message,
    reported_message,
)
from made_samples import TOPICS, made_event, made_parcel

NOW = 1_780_000_000 * 10**9
DIRECTORY = Path(gleancam.wire.__file__).parent / "schemas"


@pytest.mark.parametrize("name", PAYLOADS)
def test_committed_schemas_are_current(name: SchemaName) -> None:
    committed = (DIRECTORY / f"{name}.schema.json").read_text(encoding="utf-8")
    assert committed == text(name), "run: python -m gleancam.wire.generate"


def test_every_schema_has_a_name_a_file_and_a_struct() -> None:
    files = {path.name.removesuffix(".schema.json") for path in DIRECTORY.iterdir()}
    assert files == set(PAYLOADS) == set(get_args(SchemaName))


@pytest.mark.parametrize("name", get_args(SchemaName))
def test_schemas_are_valid_named_and_open(name: SchemaName) -> None:
    schema = load_schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:gleancam:v1:{name}"
    assert schema["title"]
    for part in schema["$defs"].values():
        assert part.get("additionalProperties", True) is True
        assert "\n" not in part.get("description", "")


@pytest.mark.parametrize("name", get_args(SchemaName))
def test_every_property_is_described(name: SchemaName) -> None:
    schema = load_schema(name)
    missing = [where for where, node in _properties(schema) if not _described(schema, node)]
    assert not missing


def _properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for title, part in schema["$defs"].items():
        for name, node in part.get("properties", {}).items():
            yield f"{title}.{name}", node


def _described(schema: dict[str, Any], node: dict[str, Any]) -> bool:
    if "$ref" in node:
        return bool(schema["$defs"][node["$ref"].rsplit("/", 1)[1]].get("description"))
    return bool(node.get("description")) or any(
        _described(schema, one) for one in node.get("anyOf", ())
    )


INFO = Info(
    versions={"gleancam": "0.1.0"},
    board="x86",
    cameras=(CameraInfo(id="front", source="rtsp", fps=1.0, enabled=True),),
    models=(ModelInfo(name="m", role="embedder", sha256="0" * 64, backend="onnxruntime"),),
    space_id="space-1",
    schemas={"sample": "urn:gleancam:v1:sample"},
    limits=LimitsInfo(inline_max_bytes=1, spool_max_bytes=1),
    ts=rfc3339(NOW),
)

REPORTED = ReportedData(
    state="trial",
    version=3,
    allowed=True,
    trial_left_s=1.5,
    refused=RefusedData(
        version=None, outcome="rejected", errors=(ErrorData(path="", message="no JSON"),)
    ),
    configuration_sha256="0" * 64,
    gleancam="1",
    ts=rfc3339(NOW),
)

MADE: list[tuple[SchemaName, Message]] = [
    ("status", device_status(TOPICS, "ready", 3, NOW)),
    ("status", device_status(TOPICS, "lost", 3, NOW, "x" * 999)),
    ("status", device_status(TOPICS, "ready", 3, NOW, paused=True)),
    ("command", command_message(TOPICS, Command("pause", "a"), PLAIN)),
    ("command", command_message(TOPICS, Command("capture-now", "a", "front", NOW), PLAIN)),
    ("command-result", result_message(Reply("t"), "pause", "a", Verdict("done"), NOW)),
    (
        "command-result",
        result_message(Reply("t"), "x", "", Verdict("replayed", "z" * 999, "done"), NOW),
    ),
    ("info", info(TOPICS, INFO)),
    ("desired", desired_message(TOPICS, DesiredData(version=1, configuration={"health": {}}))),
    ("reported", reported_message(TOPICS, REPORTED)),
    (
        "camera-status",
        camera_status(TOPICS, "front", CameraReport("online", NOW, NOW), session=1, ts_ns=NOW),
    ),
    (
        "camera-status",
        camera_status(
            TOPICS,
            "front",
            CameraReport("offline", NOW, None, ("frozen", "dark"), ("refused", "y" * 999)),
            session=1,
            ts_ns=NOW,
        ),
    ),
    ("ack", ack_message(TOPICS, ("a", "b"), (Rejection("c", "no\n"),))),
    ("ingest-status", presence_message("gleancam", "depot", "trainer", online=True, ts_ns=NOW)),
    ("sample", Message("", made_parcel(1).data)),
    ("event", Message("", made_event().data)),
]


@pytest.mark.parametrize(("name", "message"), MADE)
def test_what_we_make_is_valid(name: SchemaName, message: Message) -> None:
    Draft202012Validator(load_schema(name)).validate(json.loads(message.payload))


def test_statuses_are_retained_and_a_cleared_topic_is_empty() -> None:
    assert all(one.retain for name, one in MADE if name in {"status", "info", "camera-status"})
    assert cleared(TOPICS.status) == Message(TOPICS.status, b"", retain=True)


def test_required_fields_are_required() -> None:
    data = json.loads(made_parcel(1).data)
    validator = Draft202012Validator(load_schema("sample"))
    for name in data:
        assert not validator.is_valid({key: value for key, value in data.items() if key != name})
    assert validator.is_valid({**data, "later": 1})
