"""sd_notify against real sockets."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gleancam.notify import Notifier, watchdog_interval_s


class Manager:
    """The receiving end, as systemd has it."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(5)
        self.socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)

    def heard(self) -> str:
        return self.socket.recv(4096).decode()


@pytest.fixture(params=["path", "abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "n") if request.param == "path" else f"@gleancam-test-{os.getpid()}"


@pytest.fixture
def manager(address: str) -> Iterator[Manager]:
    listening = Manager(address)
    yield listening
    listening.socket.close()


@pytest.fixture
def notifier(address: str, manager: Manager) -> Iterator[Notifier]:
    assert manager.socket.fileno() >= 0
    connected = Notifier.from_environment({"NOTIFY_SOCKET": address})
    yield connected
    connected.close()


def test_each_state_is_one_datagram(notifier: Notifier, manager: Manager) -> None:
    notifier.ready()
    assert manager.heard() == "READY=1"
    notifier.watchdog()
    assert manager.heard() == "WATCHDOG=1"
    notifier.extend_timeout(30)
    assert manager.heard() == "EXTEND_TIMEOUT_USEC=30000000"
    notifier.stopping()
    assert manager.heard() == "STOPPING=1"


def test_a_status_is_one_line_without_credentials(notifier: Notifier, manager: Manager) -> None:
    notifier.status("gate: rtsp://admin:hunter2@h/x\nREADY=1")

    assert manager.heard() == "STATUS=gate: rtsp://***@h/x READY=1"


def test_without_a_service_manager_nothing_happens() -> None:
    notifier = Notifier.from_environment({})

    notifier.ready()
    notifier.status("x")
    notifier.close()


def test_a_service_manager_that_went_away_is_no_error(tmp_path: Path) -> None:
    notifier = Notifier(str(tmp_path / "gone"))

    notifier.watchdog()
    notifier.close()


@pytest.mark.parametrize(
    ("environment", "interval"),
    [
        ({"WATCHDOG_USEC": "60000000"}, 30.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_fed_twice_as_often_as_asked(
    environment: dict[str, str], interval: float | None
) -> None:
    assert watchdog_interval_s(environment) == interval
