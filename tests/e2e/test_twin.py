"""A whole daemon and a real broker: a configuration is wanted, tried, confirmed, taken back."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from brokers import Broker
from gleancam.demo.broker import free_port
from gleancam.demo.child import Child
from gleancam.demo.counts import Counts
from gleancam.demo.laws import conservation
from mqtt_rig import Peer, peer

pytestmark = [pytest.mark.models, pytest.mark.timeout(240)]

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
protocol = "{protocol}"
[http]
port = {http}
[remote]
configuration = true
trial_s = {trial_s}
"""
ROOT = "gleancam/v1/yard/d-1"
SLOWER = {"cameras": [{"id": "ball", "fps": 5.0}]}


class Site:
    def __init__(self, folder: Path, models: Path, broker: Broker, peer: Peer) -> None:
        self.folder, self._models = folder, folder / "models"
        self._broker, self._peer = broker, peer
        self._models.mkdir()
        for model in models.iterdir():
            (self._models / model.name).symlink_to(model.resolve())
        self._http, self.broker_port = free_port(), broker.port
        self._starts = 0
        self.process: Child | None = None
        peer.subscribe(f"{ROOT}/reported")

    def start(self, protocol: str = "5", trial_s: float = 3) -> None:
        self._starts += 1
        config = self.folder / "config.toml"
        config.write_text(
            CONFIG.format(
                folder=self.folder,
                models=self._models,
                broker=self._broker.port,
                http=self._http,
                protocol=protocol,
                trial_s=trial_s,
            )
        )
        command = [sys.executable, "-m", "gleancam", "run", f"--config={config}"]
        command += [f"--metrics-file={self.folder / 'final.prom'}"]
        self.process = Child("daemon", command, self.folder / f"daemon-{self._starts}.log")

    def break_model(self, of: str, name: str) -> None:
        """Make a model whose file is as its manifest says, and no model."""
        folder, garbage = self._models / name, b"no model"
        folder.mkdir()
        manifest = (self._models / of / "manifest.toml").read_text()
        manifest = manifest.replace(f'name = "{of}"', f'name = "{name}"', 1)
        digest = hashlib.sha256(garbage).hexdigest()
        manifest = re.sub(r'^sha256 = ".*"', f'sha256 = "{digest}"', manifest, flags=re.MULTILINE)
        manifest = re.sub(r"size_bytes = \d+", f"size_bytes = {len(garbage)}", manifest)
        (folder / "manifest.toml").write_text(manifest)
        (folder / "yolox_nano.onnx").write_bytes(garbage)

    def want(self, number: int, configuration: dict[str, Any]) -> None:
        payload = json.dumps({"version": number, "configuration": configuration}).encode()
        self._peer.say(f"{ROOT}/desired", payload, retain=True)

    def say(self, payload: bytes) -> None:
        self._peer.say(f"{ROOT}/desired", payload)

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the next report that is as wanted."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            report: dict[str, Any] = json.loads(self._peer.get(90).payload)
            if holds(report):
                return report
        raise AssertionError("no such report")

    def pulled(self, least: int) -> None:
        deadline = time.monotonic() + 60
        while self._counts().total("frames_pulled") < least:
            assert self.process is not None
            self.process.require_alive()
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def _counts(self) -> Counts:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._http}/metrics") as answer:
                return Counts(answer.read().decode())
        except (urllib.error.URLError, ConnectionError):
            return Counts("")

    def stop(self) -> Counts:
        assert self.process is not None
        code, _ = self.process.stop()
        assert code == 0, (self.folder / f"daemon-{self._starts}.log").read_text()
        return Counts((self.folder / "final.prom").read_text())


@pytest.fixture
def site(tmp_path: Path, models_directory: Path) -> Iterator[Site]:
    broker = Broker(tmp_path)
    broker.start()
    with peer(broker.port, "operator") as operator:
        made = Site(tmp_path, models_directory, broker, operator)
        yield made
        if made.process is not None:
            made.process.kill()
    broker.stop()


def state(name: str, number: int | None = None) -> Callable[[dict[str, Any]], bool]:
    return lambda report: (report["state"], report["version"]) == (name, number)


def is_refused(outcome: str) -> Callable[[dict[str, Any]], bool]:
    return lambda report: (report["refused"] or {}).get("outcome") == outcome


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_wish_is_confirmed_and_every_frame_is_accounted_for(site: Site, protocol: str) -> None:
    site.start(protocol)
    site.until(state("file"))
    site.pulled(20)
    for wrong in (b"on", b"x" * (256 * 1024 + 1), b'{"version": 1, "configuration": {"http": {}}}'):
        site.say(wrong)
        assert site.until(is_refused("rejected"))["state"] == "file"
    site.want(2, SLOWER)
    site.until(state("trial", 2))
    confirmed = site.until(state("confirmed", 2))
    site.pulled(40)
    counts = site.stop()
    assert [str(law) for law in conservation(counts) if not law.holds] == []
    site.start(protocol)
    again = site.until(state("confirmed", 2))
    assert again["configuration_sha256"] == confirmed["configuration_sha256"]
    site.want(3, {})
    site.until(state("confirmed", 3))
    site.stop()


def test_kill_9_within_the_trial_takes_it_back_though_it_is_wanted_still(site: Site) -> None:
    site.start(trial_s=600)
    site.until(state("file"))
    site.pulled(1)
    site.want(2, SLOWER)
    site.until(state("trial", 2))
    assert site.process is not None
    site.process.kill()
    site.start(trial_s=600)
    assert site.until(is_refused("rolled-back"))["state"] == "file"
    site.pulled(10)
    site.stop()
    assert "taking on another" not in (site.folder / "daemon-2.log").read_text()


def upstream(site: Site, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    line = [sys.executable, "-m", "gleancam_upstream", "desired", *arguments]
    line += ["--host=127.0.0.1", f"--port={site.broker_port}"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, [json.loads(one) for one in done.stdout.splitlines()]


def test_the_command_line_asks_watches_and_shows(site: Site, tmp_path: Path) -> None:
    site.start()
    site.until(state("file"))
    wish = tmp_path / "wish.json"
    wish.write_text(json.dumps(SLOWER))
    code, said = upstream(site, "set", "yard", "d-1", str(wish), "--version=2")
    assert (code, said[-1]["state"], said[-1]["version"]) == (0, "confirmed", 2)
    wish.write_text('{"mqtt": {"host": "evil"}}')
    code, said = upstream(site, "set", "yard", "d-1", str(wish), "--version=3")
    assert (code, said[-1]["refused"]["version"]) == (1, 3)
    code, said = upstream(site, "show", "yard", "d-1")
    assert (code, said[0]["version"]) == (0, 2)
    site.stop()


def test_a_model_that_cannot_be_opened_is_taken_back_in_the_same_process(site: Site) -> None:
    site.start()
    site.until(state("file"))
    site.pulled(5)
    site.break_model("yolox-nano", "broken")
    site.want(2, {"models": {"detectors": ["broken"]}})
    site.until(state("trial", 2))
    back = site.until(is_refused("rolled-back"))
    assert (back["state"], back["refused"]["version"]) == ("file", 2)
    site.pulled(15)
    counts = site.stop()
    assert [str(law) for law in conservation(counts) if not law.holds] == []
