"""Retained statuses of the device and its cameras, announced whenever one changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from gleancam.cameras import CameraBoard, CameraState
from gleancam.delivery.courier import Delivery
from gleancam.wire import info as wire_info
from gleancam.wire.message import Message
from gleancam.wire.status import CameraReport, DeviceState, camera_status, device_status
from gleancam.wire.topics import Topics
from gleancam.wire.twin import ReportedData, reported_message


@dataclass(frozen=True, slots=True)
class Switches:
    """What commands have switched."""

    paused: bool = False
    metered: bool = False


class Statuses:
    """What the outside is told.

    `look` is called by the main thread, `degraded` by the spooler, the rest by delivery.
    """

    def __init__(self, topics: Topics, delivery: Delivery, board: CameraBoard) -> None:
        self._topics = topics
        self._delivery = delivery
        self._board = board
        self._seen = 0
        self._state: DeviceState = "starting"
        self._said: tuple[DeviceState, str, Switches] | None = None
        self._degraded = ""
        self._switches = Switches()
        self._mutex = threading.Lock()

    def describe(self, data: wire_info.Info) -> None:
        """Announce what the device is."""
        self._delivery.announce(
            self._topics.info, lambda _session: wire_info.info(self._topics, data)
        )

    def enter(self, state: DeviceState) -> None:
        """Say where in its life the daemon is."""
        with self._mutex:
            self._state = state
            self._say()

    def degraded(self, why: str) -> None:
        """Say why the daemon works, but not fully; an empty text takes it back."""
        with self._mutex:
            self._degraded = why
            self._say()

    def paused(self, *, on: bool) -> None:
        """Say whether a command has stopped the looking at pictures."""
        with self._mutex:
            self._switches = replace(self._switches, paused=on)
            self._say()

    def metered(self, *, on: bool) -> None:
        """Say whether a command has called the link metered; before the first state: silently."""
        with self._mutex:
            self._switches = replace(self._switches, metered=on)
            if self._said is not None:
                self._say()

    def look(self) -> None:
        """Announce every camera that has changed since the last look."""
        self._seen, changed = self._board.changes(self._seen)
        for state in changed:
            topic = self._topics.camera_status(state.camera_id)
            self._delivery.announce(topic, partial(_camera, self._topics, state))

    def report(self, data: Callable[[], ReportedData]) -> None:
        """Announce what configuration is in force."""
        self._delivery.announce(
            self._topics.reported, lambda _session: reported_message(self._topics, data())
        )

    def stopped(self, why: str = "") -> None:
        """Prepare the last word, said when everything else is; a pause ends with the daemon.

        Args:
            why: when it is not the daemon that ends; then a pause goes on.
        """
        switches = replace(self._switches, paused=bool(why) and self._switches.paused)
        make = partial(_device, self._topics, "stopped", why, time.time_ns(), switches)
        self._delivery.farewell(self._topics.status, make)

    def _say(self) -> None:
        degraded = self._state == "ready" and self._degraded
        state: DeviceState = "degraded" if degraded else self._state
        why = self._degraded if degraded else ""
        if (state, why, self._switches) != self._said:
            self._said = (state, why, self._switches)
            make = partial(_device, self._topics, state, why, time.time_ns(), self._switches)
            self._delivery.announce(self._topics.status, make)


def will(topics: Topics, session: int) -> Message:
    """Return what the broker says for the device when its session is lost."""
    return device_status(topics, "lost", session, time.time_ns(), "the connection was lost")


def _device(
    topics: Topics, state: DeviceState, why: str, ts_ns: int, switches: Switches, session: int
) -> Message:
    paused, metered = switches.paused, switches.metered
    return device_status(topics, state, session, ts_ns, why, paused=paused, metered=metered)


def _camera(topics: Topics, state: CameraState, session: int) -> Message:
    report = CameraReport(
        state=state.state,
        since_ns=state.since_ns,
        last_frame_ns=state.last_frame_ns,
        conditions=state.conditions,
        error=(state.error_kind, state.error_text) if state.error_kind else None,
    )
    return camera_status(topics, state.camera_id, report, session=session, ts_ns=time.time_ns())
