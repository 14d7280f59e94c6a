"""A real mosquitto for tests: a child process on a free loopback port."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gleancam.demo.broker import free_port

START_S = 10.0


class Broker:
    """mosquitto with one listener and whatever else the test configures.

    `lines` are added to the configuration; a listener's own options (cafile, …) may follow there,
    since the listener is named first.
    """

    def __init__(self, directory: Path, lines: tuple[str, ...] = ("allow_anonymous true",)) -> None:
        self.port = free_port()
        self.directory = directory
        self._configuration = directory / "mosquitto.conf"
        self._log = directory / "mosquitto.log"
        self._process: subprocess.Popen[bytes] | None = None
        head = (
            f"user {getpass.getuser()}",  # as root mosquitto would change its user and lose us
            f"listener {self.port} 127.0.0.1",
            f"log_dest file {self._log}",
            "log_type all",
        )
        self._configuration.write_text("\n".join((*head, *lines)) + "\n")

    def start(self) -> None:
        program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        assert program, "mosquitto is not installed: apt-get install mosquitto"
        self._process = subprocess.Popen(
            [program, "-c", str(self._configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait_until_open()

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(10)

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _wait_until_open(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                pytest.fail(f"mosquitto ended at once:\n{self.log()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except ConnectionRefusedError:
                time.sleep(0.02)
            else:
                return
        pytest.fail(f"mosquitto did not open port {self.port}:\n{self.log()}")


MakeBroker = Callable[..., Broker]
"""Starts a broker with these lines of configuration."""
