"""The daemon as a process: what it does with cameras, signals and bad configuration."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from gleancam.demo.broker import free_port
from gleancam.demo.child import Child
from gleancam.demo.counts import Counts
from gleancam.demo.laws import conservation
from gleancam.whatif.agreement import agreement
from gleancam.whatif.recording import read_log
from gleancam.whatif.rerun import rerun

pytestmark = [pytest.mark.models, pytest.mark.timeout(120)]

PASSWORD = "correct-horse"  # noqa: S105 - must not appear anywhere

CONFIG = """
site = "yard"
device = "d-1"
[[cameras]]
id = "ball"
source = "test"
pattern = "ball"
fps = 10.0
[[cameras]]
id = "masked"
source = "test"
pattern = "smpte"
fps = 5.0
mask = [{{ name = "left", polygon = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]] }}]
[[cameras]]
id = "absent"
source = "rtsp"
url = "rtsp://guard:{password}@127.0.0.1:{refused}/gone"
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


class Daemon:
    def __init__(self, folder: Path, models: Path) -> None:
        self.folder = folder
        self.http_port = free_port()
        config = folder / "config.toml"
        config.write_text(
            CONFIG.format(
                folder=folder,
                models=models,
                http=self.http_port,
                refused=free_port(),
                password=PASSWORD,
            )
        )
        command = [sys.executable, "-m", "gleancam", "run", f"--config={config}"]
        command += [f"--metrics-file={folder / 'final.prom'}"]
        self.process = Child("daemon", command, folder / "daemon.log")

    def page(self, path: str) -> str:
        url = f"http://127.0.0.1:{self.http_port}/{path}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())

    def wait_until(self, name: str, least: int, **labels: str) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.process.require_alive()
            try:
                if Counts(self.page("metrics")).total(name, **labels) >= least:
                    return
            except urllib.error.URLError:
                pass
            time.sleep(0.1)
        pytest.fail(f"{name} {labels} did not reach {least}")

    def log(self) -> str:
        return (self.folder / "daemon.log").read_text()


@pytest.fixture
def daemon(tmp_path: Path, models_directory: Path) -> Iterator[Daemon]:
    running = Daemon(tmp_path, models_directory)
    yield running
    running.process.kill()


def statuses(folder: Path) -> dict[str, dict[str, object]]:
    files = (folder / "samples" / "status").glob("*.json")
    return {file.stem: json.loads(file.read_text()) for file in files}


def test_a_whole_life_adds_up_and_ends_with_zero(daemon: Daemon) -> None:
    daemon.wait_until("frames_pulled", 20, camera="ball")
    daemon.wait_until("frames_kept", 1, camera="masked")
    assert daemon.page("healthz") == "ok\n"
    assert daemon.page("readyz") == "ok\n"
    code, _ = daemon.process.stop()
    counts = Counts((daemon.folder / "final.prom").read_text())
    assert code == 0, daemon.log()
    assert [str(law) for law in conservation(counts) if not law.holds] == []
    logged = counts.total("decisions_logged", kind="frame")
    lost = counts.total("decisions_lost", kind="frame")
    assert logged + lost == counts.total("frames_embedded")
    recording = read_log(daemon.folder / "decisions")
    assert len(recording.frames()) == logged
    assert agreement(recording, rerun(recording, None)).share >= 0.99
    manifests = list((daemon.folder / "samples").glob("*/*.json"))
    samples = [path for path in manifests if path.with_suffix(".jpg").exists()]
    assert len(samples) == counts.total("spool_committed", kind="sample")


def test_an_absent_camera_delays_nobody_and_says_why(daemon: Daemon) -> None:
    daemon.wait_until("camera_restarts", 1, camera="absent")
    daemon.wait_until("frames_pulled", 5, camera="ball")
    daemon.process.stop()
    said = statuses(daemon.folder)
    absent = next(status for name, status in said.items() if "absent" in name)
    assert absent["state"] == "offline"
    assert absent["error"]


def test_a_mask_is_burnt_in_before_anything_is_stored(daemon: Daemon) -> None:
    daemon.wait_until("spool_committed", 1, kind="sample")
    daemon.wait_until("frames_kept", 1, camera="masked")
    daemon.process.stop()
    manifest = next((daemon.folder / "samples" / "masked").glob("*.json"))
    data = json.loads(manifest.read_text())
    assert [redaction["name"] for redaction in data["image"]["redactions"]] == ["left"]

    from PIL import Image

    with Image.open(manifest.with_suffix(".jpg")) as picture:
        left = picture.convert("L").crop((0, 0, picture.width // 2 - 16, picture.height))
        right = picture.convert("L").crop((picture.width // 2 + 16, 0, picture.width, 200))
    assert left.getextrema()[1] <= 8
    assert right.getextrema()[1] > 100


def test_a_password_in_a_camera_url_is_nowhere_in_what_the_daemon_says(daemon: Daemon) -> None:
    daemon.wait_until("camera_restarts", 1, camera="absent")
    metrics = daemon.page("metrics")
    daemon.process.stop()
    written = "".join(path.read_text() for path in daemon.folder.glob("samples/**/*.json"))
    assert PASSWORD not in daemon.log() + metrics + written


def test_a_signal_asks_for_one_frame_of_every_camera(daemon: Daemon) -> None:
    daemon.wait_until("frames_kept", 1, camera="masked")
    for number in (1, 2):
        os.kill(daemon.process.pid, signal.SIGUSR1)
        for camera in ("ball", "masked"):
            daemon.wait_until("frames_kept", number, camera=camera, reason="command")
    code, _ = daemon.process.stop()
    assert code == 0, daemon.log()
    counts = Counts((daemon.folder / "final.prom").read_text())
    assert counts.total("frames_kept", reason="command") == 4


def gleancam(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gleancam", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_configuration_that_cannot_be_used_ends_with_two_before_anything_starts(
    tmp_path: Path,
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('site = "yard"\ndevice = "Not An Id"\ncamera = 1\n')
    result = gleancam("run", f"--config={config}")
    assert result.returncode == 2
    assert "device" in result.stderr
    assert "cameras" in result.stderr
    assert not (tmp_path / "spool.db").exists()


def test_a_model_that_is_missing_ends_with_two_and_the_cure(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        'site = "yard"\ndevice = "d-1"\n[[cameras]]\nid = "a"\nsource = "test"\n'
        f'[models]\ndirectory = "{tmp_path}"\n[directory]\npath = "{tmp_path / "out"}"\n'
        f'[spool]\npath = "{tmp_path / "spool.db"}"\n'
    )
    result = gleancam("run", f"--config={config}")
    assert result.returncode == 2
    assert "models fetch" in result.stderr
