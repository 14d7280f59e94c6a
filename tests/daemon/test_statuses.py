from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from prometheus_client import CollectorRegistry

from gleancam.cameras import CameraBoard
from gleancam.delivery.announcements import MakeStatus
from gleancam.delivery.courier import Delivery
from gleancam.delivery.dispatch import Route
from gleancam.delivery.state import Policy
from gleancam.metrics import Metrics
from gleancam.sinks.fake import FakeSink
from gleancam.spool.queue import Spool
from gleancam.statuses import Statuses, will
from made_samples import TOPICS


class Announced(Delivery):
    """Delivery that notes what it is told to say."""

    def __init__(self, spool: Spool) -> None:
        metrics = Metrics(CollectorRegistry())
        route = Route(TOPICS, mqtt5=True, image_limit_bytes=10**9)
        super().__init__(spool, FakeSink(), Policy("ingest", 1), route, metrics)
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.last: tuple[str, MakeStatus] | None = None

    def announce(self, topic: str, make: MakeStatus) -> None:
        super().announce(topic, make)
        self.said.append((topic, json.loads(make(7).payload)))

    def farewell(self, topic: str, make: MakeStatus) -> None:
        super().farewell(topic, make)
        self.last = (topic, make)

    def states(self) -> list[str]:
        return [said["state"] for topic, said in self.said if topic == TOPICS.status]


Made: TypeAlias = tuple[Statuses, Announced, CameraBoard]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    spool = Spool.open(tmp_path / "spool.db", 10**9, 0)
    announced, board = Announced(spool), CameraBoard(["a", "b"])
    yield Statuses(TOPICS, announced, board), announced, board
    spool.close()


def test_a_full_disk_shows_while_ready_and_is_taken_back(made: Made) -> None:
    statuses, announced, _ = made
    statuses.enter("starting")
    statuses.degraded("the disk is full")
    statuses.enter("ready")
    statuses.degraded("")
    statuses.enter("draining")
    assert announced.states() == ["starting", "degraded", "ready", "draining"]
    assert announced.said[1][1]["reason"] == "the disk is full"


def test_the_same_is_not_said_twice(made: Made) -> None:
    statuses, announced, _ = made
    statuses.enter("ready")
    statuses.enter("ready")
    assert announced.states() == ["ready"]


def test_cameras_are_announced_when_they_change_and_only_then(made: Made) -> None:
    statuses, announced, board = made
    statuses.look()
    statuses.look()
    assert [topic for topic, _ in announced.said] == [
        TOPICS.camera_status("a"),
        TOPICS.camera_status("b"),
    ]
    board.failed("b", "refused", "the camera refused the connection")
    statuses.look()
    topic, said = announced.said[-1]
    assert topic == TOPICS.camera_status("b")
    assert said["error"] == {"kind": "refused", "what": "the camera refused the connection"}
    assert said["session"] == 7


def test_a_pause_shows_beside_the_state_and_ends_with_the_daemon(made: Made) -> None:
    statuses, announced, _ = made
    statuses.enter("ready")
    statuses.paused(on=True)
    statuses.paused(on=True)
    statuses.degraded("the disk is full")
    statuses.paused(on=False)
    said = [(said["state"], said["paused"]) for _, said in announced.said]
    assert said == [("ready", False), ("ready", True), ("degraded", True), ("degraded", False)]
    statuses.paused(on=True)
    statuses.stopped()
    assert announced.last is not None
    assert json.loads(announced.last[1](8).payload)["paused"] is False


def test_the_last_word_is_stopped_and_the_will_is_lost(made: Made) -> None:
    statuses, announced, _ = made
    statuses.stopped()
    assert announced.last is not None
    topic, make = announced.last
    assert topic == TOPICS.status
    assert json.loads(make(8).payload)["state"] == "stopped"
    assert json.loads(will(TOPICS, 9).payload)["state"] == "lost"
