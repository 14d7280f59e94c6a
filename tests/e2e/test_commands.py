"""The whole daemon under commands: what pause, resume and capture-now do to its frames."""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from brokers import Broker
from commanded_device import Asker, Given
from gleancam.demo.broker import free_port
from gleancam.demo.child import Child
from gleancam.demo.counts import Counts
from gleancam.demo.laws import conservation

pytestmark = [pytest.mark.models, pytest.mark.timeout(120)]

CONFIG = """
site = "yard"
device = "d-1"
[[cameras]]
id = "ball"
source = "test"
fps = 10.0
[models]
directory = "{models}"
[spool]
path = "{folder}/spool.db"
reserve_bytes = 1
[mqtt]
host = "127.0.0.1"
port = {broker}
[http]
port = {http}
"""
ROOT = "gleancam/v1/yard/d-1"


class Daemon:
    def __init__(self, folder: Path, models: Path, broker: Broker) -> None:
        self.folder, self._http = folder, free_port()
        self._asker = Asker(broker.port, "5", ROOT)
        config = folder / "config.toml"
        ports = {"broker": broker.port, "http": self._http}
        config.write_text(CONFIG.format(folder=folder, models=models, **ports))
        command = [sys.executable, "-m", "gleancam", "run", f"--config={config}"]
        command += [f"--metrics-file={folder / 'final.prom'}"]
        self.process = Child("daemon", command, folder / "daemon.log")

    def counts(self) -> Counts:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._http}/metrics") as answer:
                return Counts(answer.read().decode())
        except urllib.error.URLError:
            return Counts("")

    def wait_until(self, holds: Callable[[Counts], bool]) -> None:
        deadline = time.monotonic() + 60
        while not holds(self.counts()):
            self.process.require_alive()
            assert time.monotonic() < deadline, self.counts()
            time.sleep(0.1)

    def give(self, name: str, command_id: str) -> str:
        payload = json.dumps({"id": command_id}).encode()
        return str(self._asker.ask(Given(name, payload, expiry_s=60))[0]["outcome"])


@pytest.fixture
def daemon(tmp_path: Path, models_directory: Path, broker: Broker) -> Iterator[Daemon]:
    running = Daemon(tmp_path, models_directory, broker)
    yield running
    running.process.kill()


def lost(counts: Counts) -> int:
    return counts.total("frames_lost", reason="paused")


def test_nobody_looks_while_paused_and_every_frame_is_accounted_for(daemon: Daemon) -> None:
    daemon.wait_until(lambda counts: counts.total("frames_pulled") > 5)
    assert daemon.give("capture-now", "a") == "done"
    daemon.wait_until(lambda counts: counts.total("frames_kept", reason="command") == 1)
    assert daemon.give("pause", "b") == "done"
    daemon.wait_until(lambda counts: lost(counts) > 3 and nothing_in_flight(counts))
    seen = looked_at(daemon.counts())
    before = lost(daemon.counts())
    daemon.wait_until(lambda counts: lost(counts) > before + 10)
    assert looked_at(daemon.counts()) == seen
    assert daemon.give("capture-now", "c") == "refused"
    assert daemon.give("resume", "d") == "done"
    daemon.wait_until(lambda counts: looked_at(counts) > seen)
    assert daemon.give("capture-now", "a") == "replayed"
    code, _ = daemon.process.stop()
    assert code == 0, (daemon.folder / "daemon.log").read_text()
    counts = Counts((daemon.folder / "final.prom").read_text())
    assert [str(law) for law in conservation(counts) if not law.holds] == []
    assert counts.total("frames_kept", reason="command") == 1


def nothing_in_flight(counts: Counts) -> bool:
    known = looked_at(counts) + lost(counts)
    overrun = counts.total("frames_lost", reason="slot_overrun")
    return counts.total("frames_pulled") == known + overrun


def looked_at(counts: Counts) -> int:
    return counts.total("frames_embedded") + counts.total("frames_gated")
