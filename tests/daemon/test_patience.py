"""A start that takes long, told to a real socket."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gleancam import patience as patience_module
from gleancam.notify import Notifier
from gleancam.patience import StartProgress, patience


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.settimeout(5)
        listening.bind(str(tmp_path / "notify"))
        yield listening


@pytest.fixture
def notifier(manager: socket.socket) -> Iterator[Notifier]:
    connected = Notifier(str(manager.getsockname()))
    yield connected
    connected.close()


def test_systemd_is_asked_to_wait_while_something_blocks_and_not_after(
    manager: socket.socket, notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience_module, "ASK_EVERY_S", 0.01)

    with patience(notifier):
        asked = [manager.recv(100) for _ in range(3)]

    assert "patience" not in {thread.name for thread in threading.enumerate()}
    assert asked == [b"EXTEND_TIMEOUT_USEC=90000000"] * 3


def test_it_does_not_ask_for_ever(
    manager: socket.socket, notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience_module, "ASK_EVERY_S", 0.01)
    monkeypatch.setattr(patience_module, "LONGEST_S", 0.02)
    manager.settimeout(0.5)

    with patience(notifier):
        asked = [manager.recv(100) for _ in range(2)]
        with pytest.raises(TimeoutError):
            manager.recv(100)

    assert len(asked) == 2


def test_the_body_may_raise(notifier: Notifier) -> None:
    with pytest.raises(ValueError, match="broken"), patience(notifier):
        raise ValueError("broken")


def test_progress_goes_to_status_and_log_now_and_then(
    manager: socket.socket, notifier: Notifier, caplog: pytest.LogCaptureFixture
) -> None:
    times = iter([0.0, 0.0, 0.5, 0.5, 2.0, 2.0, 40.0, 40.0])
    progress = StartProgress(notifier, clock=lambda: next(times))

    with caplog.at_level(logging.INFO):
        for done in range(4):
            progress("compiling", done, 4)

    assert [manager.recv(100) for _ in range(3)] == [
        b"STATUS=compiling: 0%",
        b"STATUS=compiling: 50%",
        b"STATUS=compiling: 75%",
    ]
    assert caplog.messages == ["compiling: 0%", "compiling: 75%"]


def test_what_has_no_known_size_is_told_without_a_share(
    manager: socket.socket, notifier: Notifier
) -> None:
    StartProgress(notifier)("waiting for another process that compiles", 0, None)

    assert manager.recv(100) == b"STATUS=waiting for another process that compiles"
