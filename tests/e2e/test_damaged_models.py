"""A daemon whose model is damaged: mended where a source of it is left, else it ends with 3."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gleancam.demo.broker import free_port
from gleancam.demo.child import Child
from made_models import manifest_text, projection
from waiting import wait_until

pytestmark = pytest.mark.timeout(120)

MODEL = projection()
UNREACHABLE = 'kind = "https"\nurl = "https://127.0.0.1:{port}/model.onnx"'

CONFIG = """
site = "yard"
device = "d-1"
[[cameras]]
id = "ball"
source = "test"
fps = 10.0
[models]
directory = "{folder}/models"
embedder = "projection"
detectors = []
backend = "onnxruntime"
[spool]
path = "{folder}/spool.db"
reserve_bytes = 1
[directory]
path = "{folder}/samples"
[http]
port = 0
"""


class Site:
    """A configuration, and a model that can be damaged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.weights = folder / "models" / "projection" / "model.onnx"
        self.weights.parent.mkdir(parents=True)
        self.weights.write_bytes(MODEL)
        (folder / "elsewhere.onnx").write_bytes(MODEL)
        self.set_source(f'kind = "file"\npath = "{folder}/elsewhere.onnx"')
        (folder / "config.toml").write_text(CONFIG.format(folder=folder))
        self.command = [sys.executable, "-m", "gleancam", "run"]
        self.command += [f"--config={folder / 'config.toml'}"]

    def set_source(self, source: str) -> None:
        text = manifest_text(MODEL).replace('kind = "file"\npath = "model.onnx"', source)
        (self.weights.parent / "manifest.toml").write_text(text)

    def start(self) -> Child:
        return Child("daemon", self.command, self.folder / "daemon.log")

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command, capture_output=True, text=True, timeout=60, check=False)

    def log(self) -> str:
        return (self.folder / "daemon.log").read_text()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def truncate(weights: Path) -> None:
    weights.write_bytes(MODEL[: len(MODEL) // 2])


def flip_a_bit(weights: Path) -> None:
    weights.write_bytes(MODEL[:-1] + bytes([MODEL[-1] ^ 1]))


def remove(weights: Path) -> None:
    weights.unlink()


Damage = Callable[[Path], None]
DAMAGES = [truncate, flip_a_bit, remove]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_model_is_fetched_again_and_the_daemon_runs(site: Site, damage: Damage) -> None:
    damage(site.weights)
    daemon = site.start()
    try:
        wait_until(lambda: any((site.folder / "samples").glob("ball/*.json")), "a sample")
        code, _ = daemon.stop()
    finally:
        daemon.kill()

    assert code == 0, site.log()
    assert site.weights.read_bytes() == MODEL
    assert "fetched again" in site.log()


def test_info_says_what_runs_the_model(site: Site) -> None:
    daemon = site.start()
    info = site.folder / "samples" / "status"
    try:
        wait_until(lambda: any(info.glob("*info*.json")), "the description")
    finally:
        daemon.kill()

    (model,) = json.loads(next(info.glob("*info*.json")).read_text())["models"]
    assert (model["backend"], model["device"], model["precision"]) == ("onnxruntime", "cpu", "fp32")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_source_that_cannot_be_reached_ends_with_three_and_says_so(
    site: Site, damage: Damage
) -> None:
    site.set_source(UNREACHABLE.format(port=free_port()))
    damage(site.weights)

    done = site.run()

    assert done.returncode == 3
    last = done.stderr.splitlines()[-1]
    assert last.startswith("gleancam: no source gave model.onnx")
    assert "check the network and try again" in last
    assert "Traceback" not in done.stderr
    assert not (site.folder / "samples" / "status").exists(), "nothing was started"


def test_a_source_with_another_file_ends_with_three_and_leaves_what_was_there(site: Site) -> None:
    (site.folder / "elsewhere.onnx").write_bytes(b"another model")
    truncate(site.weights)
    before = site.weights.read_bytes()

    done = site.run()

    assert done.returncode == 3
    assert "sha256" in done.stderr
    assert site.weights.read_bytes() == before


def test_a_whole_file_that_is_no_model_is_not_fetched_again(site: Site) -> None:
    garbage = b"no ONNX at all"
    site.weights.write_bytes(garbage)
    text = manifest_text(garbage)
    (site.weights.parent / "manifest.toml").write_text(text)

    done = site.run()

    assert done.returncode == 3
    assert "cannot read the model" in done.stderr
    assert "fetched again" not in done.stderr


def test_a_detector_in_the_embedders_place_is_a_wrong_configuration(site: Site) -> None:
    manifest = site.weights.parent / "manifest.toml"
    text = manifest.read_text().replace('task = "embed"', 'task = "detect"')
    text = text.replace('decoder = "embedding"', 'decoder = "end_to_end"\nclasses = ["a"]')
    manifest.write_text(text.replace("shape = [-1, 8]", "shape = [1, 10, 6]"))

    done = site.run()

    assert done.returncode == 2
    assert "is a model for 'detect', not for 'embed'" in done.stderr
