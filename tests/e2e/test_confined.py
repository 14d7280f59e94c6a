"""The daemon under the unit's system call filter: from RTSP to what is delivered."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import confined_child
from gleancam.demo.broker import free_port
from gleancam.demo.child import Child
from gleancam.demo.counts import Counts
from layers import ROOT
from made_clips import make_clip
from rtsp_servers import simulator

pytestmark = [pytest.mark.models, pytest.mark.timeout(180)]

UNIT = (ROOT / "systemd" / "gleancam.service").read_text()
FILTERS = re.findall(r"^SystemCallFilter=(.*)$", UNIT, re.MULTILINE)

CONFIG = """
site = "yard"
device = "d-1"
[[cameras]]
id = "rtsp"
source = "rtsp"
url = "{url}"
fps = 10.0
[[cameras]]
id = "ball"
source = "test"
pattern = "ball"
fps = 10.0
[models]
directory = "{models}"
[spool]
path = "{folder}/spool.db"
reserve_bytes = 1
[directory]
path = "{folder}/samples"
[http]
port = {http}
"""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with simulator(gate=make_clip(tmp_path / "clip.mp4", frames=100, size=(96, 128))) as server:
        yield server.urls["gate"]


def wait_until(child: Child, port: int, **least: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        child.require_alive()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                counts = Counts(answer.read().decode())
        except OSError:
            time.sleep(0.2)
            continue
        if all(counts.total(name) >= number for name, number in least.items()):
            return
        time.sleep(0.2)
    raise AssertionError(f"{least} was not reached")


def test_the_filter_lets_the_daemon_work(url: str, tmp_path: Path, models_directory: Path) -> None:
    port = free_port()
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format(url=url, models=models_directory, folder=tmp_path, http=port))
    launch = [sys.executable, confined_child.__file__, *FILTERS, "--"]
    command = [*launch, sys.executable, "-m", "gleancam", "run", f"--config={config}"]
    log = tmp_path / "daemon.log"
    child = Child("daemon", command, log)
    try:
        wait_until(child, port, frames_pulled=30, frames_kept=2, delivery_parcels=2)
        status = Path(f"/proc/{child._process.pid}/status").read_text()
    finally:
        code, _ = child.stop()

    assert "Seccomp:\t2" in status
    assert code == 0, log.read_text()
    said = log.read_text()
    assert not re.search("not permitted|affinity|EPERM", said), said
    assert list((tmp_path / "samples").rglob("*.jpg"))


def test_the_filter_is_one() -> None:
    forbidden = [sys.executable, "-c", "import os; os.setgroups([])"]
    launch = [sys.executable, confined_child.__file__, *FILTERS, "--"]
    done = subprocess.run([*launch, *forbidden], capture_output=True, text=True, check=False)

    assert "Operation not permitted" in done.stderr
