from __future__ import annotations

import json
from typing import Any

from gleancam.cameras import CameraBoard
from gleancam.delivery.announcements import MakeStatus
from gleancam.statuses import Statuses, will
from made_samples import TOPICS


class Announced:
    """The part of delivery that statuses use."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.last: tuple[str, MakeStatus] | None = None

    def announce(self, topic: str, make: MakeStatus) -> None:
        self.said.append((topic, json.loads(make(7).payload)))

    def farewell(self, topic: str, make: MakeStatus) -> None:
        self.last = (topic, make)

    def states(self) -> list[str]:
        return [said["state"] for topic, said in self.said if topic == TOPICS.status]


def made() -> tuple[Statuses, Announced, CameraBoard]:
    announced, board = Announced(), CameraBoard(["a", "b"])
    return Statuses(TOPICS, announced, board), announced, board


def test_a_full_disk_shows_while_ready_and_is_taken_back() -> None:
    statuses, announced, _ = made()
    statuses.enter("starting")
    statuses.degraded("the disk is full")
    statuses.enter("ready")
    statuses.degraded("")
    statuses.enter("draining")
    assert announced.states() == ["starting", "degraded", "ready", "draining"]
    assert announced.said[1][1]["reason"] == "the disk is full"


def test_the_same_is_not_said_twice() -> None:
    statuses, announced, _ = made()
    statuses.enter("ready")
    statuses.enter("ready")
    assert announced.states() == ["ready"]


def test_cameras_are_announced_when_they_change_and_only_then() -> None:
    statuses, announced, board = made()
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


def test_the_last_word_is_stopped_and_the_will_is_lost() -> None:
    statuses, announced, _ = made()
    statuses.stopped()
    assert announced.last is not None
    topic, make = announced.last
    assert topic == TOPICS.status
    assert json.loads(make(8).payload)["state"] == "stopped"
    assert json.loads(will(TOPICS, 9).payload)["state"] == "lost"
