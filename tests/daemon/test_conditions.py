"""Conditions of cameras on their way out: board, status message, metric."""

from __future__ import annotations

import json

import pytest
from prometheus_client import CollectorRegistry

from gleancam.cameras import CameraBoard
from gleancam.condition import CONDITIONS
from gleancam.conditions import Conditions
from gleancam.metrics import Metrics
from gleancam.wire import status
from gleancam.wire.status import CameraReport, camera_status
from made_samples import TOPICS


def test_the_wire_knows_the_same_conditions() -> None:
    report = CameraReport(state="online", since_ns=0, conditions=CONDITIONS)
    message = camera_status(TOPICS, "gate", report, session=1, ts_ns=0)
    assert json.loads(message.payload)["conditions"] == list(CONDITIONS)
    assert status.Condition.__args__ == CONDITIONS  # type: ignore[attr-defined]


def test_a_change_raises_the_boards_version_once() -> None:
    board = CameraBoard(["gate"])
    board.seen("gate", 1)
    version = board.version
    board.looked_at("gate", ("dark",))
    board.looked_at("gate", ("dark",))
    assert board.version == version + 1
    assert board.states()[0].conditions == ("dark",)


def test_a_camera_without_pictures_has_no_conditions() -> None:
    board = CameraBoard(["gate"])
    board.seen("gate", 1)
    board.looked_at("gate", ("moved",))
    board.failed("gate", "refused", "no")
    assert board.states()[0].conditions == ()
    board.looked_at("gate", ("moved",))
    assert board.states()[0].conditions == ()


def test_damage_leaves_the_conditions() -> None:
    board = CameraBoard(["gate"])
    board.seen("gate", 1)
    board.looked_at("gate", ("blurred",))
    board.damaged("gate", "2 pictures")
    assert board.states()[0].conditions == ("blurred",)


def test_the_metric_and_the_log_follow(caplog: pytest.LogCaptureFixture) -> None:
    metrics, board = Metrics(CollectorRegistry()), CameraBoard(["gate"])
    board.seen("gate", 1)
    conditions = Conditions(board, metrics)

    def value(condition: str) -> float | None:
        labels = {"camera": "gate", "condition": condition}
        return metrics.registry.get_sample_value("gleancam_camera_condition", labels)

    conditions.tell("gate", ())
    assert [value(condition) for condition in CONDITIONS] == [0] * len(CONDITIONS)
    conditions.tell("gate", ("dark", "moved"))
    conditions.tell("gate", ("dark", "moved"))
    assert (value("dark"), value("moved"), value("frozen")) == (1, 1, 0)
    conditions.tell("gate", ())
    assert value("dark") == 0
    assert [record.message for record in caplog.records] == [
        "pictures of camera gate: dark, moved",
        "pictures of camera gate: nothing odd any more",
    ]
