"""The daemon with two real detectors, one of them twice, and one that fails on every frame."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from gleancam.demo.child import Child
from gleancam.demo.counts import Counts
from gleancam.demo.laws import conservation
from gleancam.wire.boxes import evidence_of_data, label_data
from gleancam.wire.codec import encode
from gleancam.wire.ensemble import committee_of
from gleancam.wire.sample import sample_data
from gleancam.wire.sample_data import SampleData
from gleancam_engines.fetching import convert
from made_detector import write_contrast
from waiting import wait_until

pytestmark = [
    pytest.mark.models,
    pytest.mark.evaluation,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not convert.runs_here(), reason="picodet-416 is converted on x86-64 only"),
]

CONFIG = """
site = "yard"
device = "d-1"
[[cameras]]
id = "stills"
source = "images"
path = "{pictures}"
fps = 4.0
loop = true
[models]
directory = "{folder}/models"
detectors = ["yolox-nano", "picodet-416", "contrast"]
backend = "onnxruntime"
label_deadline_s = 100.0
[labels]
strategy = "affirmative"
[labels.members.yolox-nano]
variants = ["none", "hflip"]
[labels.ontology.human]
sources = ["yolox-nano:person", "picodet-416:person", "contrast:person"]
[labels.ontology.vehicle]
sources = ["yolox-nano:car", "yolox-nano:bus", "picodet-416:car", "picodet-416:truck"]
confidence = 0.2
[selection.random]
rate = "999999/hour"
[spool]
path = "{folder}/spool.db"
reserve_bytes = 1
[directory]
path = "{folder}/samples"
[http]
port = 0
"""
MEMBERS = ["yolox-nano", "yolox-nano+hflip", "picodet-416", "contrast"]
LEAST = 16


@dataclass(frozen=True)
class Site:
    """What a daemon has sent before it was asked to end, at last, and its counts."""

    watched: list[SampleData]
    kept: list[SampleData]
    counts: Counts


@pytest.fixture
def site(tmp_path: Path, models_directory: Path, evaluation_data: Path) -> Site:
    write_contrast(tmp_path / "models" / "contrast")
    for name in ("tiny-vit-5m", "yolox-nano", "picodet-416"):
        (tmp_path / "models" / name).symlink_to((models_directory / name).resolve())
    pictures = evaluation_data / "images" / "coco_val2017_76"
    text = CONFIG.format(folder=tmp_path, pictures=pictures)
    (tmp_path / "config.toml").write_text(text)
    command = [sys.executable, "-m", "gleancam", "run", f"--config={tmp_path / 'config.toml'}"]
    command += [f"--metrics-file={tmp_path / 'final.prom'}"]
    daemon = Child("daemon", command, tmp_path / "daemon.log")
    try:
        wait_until(lambda: samples(tmp_path), "the models to be loaded and the first sample")
        wait_until(lambda: len(samples(tmp_path)) >= LEAST, "more samples")
        daemon.require_alive()
        watched = samples(tmp_path)
        assert daemon.stop()[0] == 0
    finally:
        daemon.kill()
    return Site(watched, samples(tmp_path), Counts((tmp_path / "final.prom").read_text()))


def manifests(folder: Path) -> list[Path]:
    return sorted((folder / "samples").rglob("*.json"))


def samples(folder: Path) -> list[SampleData]:
    found = []
    for path in manifests(folder):
        event = json.loads(path.read_text())
        if "evidence" in (data := event.get("data", event)):
            found.append(sample_data(json.dumps(data).encode()))
    return found


def test_what_fails_costs_no_sample_and_anyone_can_vote_again(site: Site) -> None:
    kept, counts = site.watched, site.counts
    assert len(kept) >= LEAST
    for data in kept:
        assert [bare(member.id) for member in data.ensemble.members] == MEMBERS
        assert [member.status for member in data.ensemble.members] == ["ok"] * 3 + ["failed"]
        assert [one.status for one in data.evidence] == ["ok"] * 3 + ["failed"]
        assert data.ensemble.degraded_quorum
        committee = committee_of(data.ensemble)
        members = {member.member_id: member for member in committee.members}
        evidence = [evidence_of_data(one, members[one.model_id]) for one in data.evidence]
        again = label_data(committee.vote(evidence).labels)
        assert list(map(encode, again)) == list(map(encode, data.labels))
    labels = [label for data in kept for label in data.labels]
    assert max(label.votes for label in labels) == 3
    # The one that fails could have seen a person, and no vehicle.
    assert {label.class_name for label in labels if label.degraded_quorum} == {"human"}
    assert {label.class_name for label in labels if not label.degraded_quorum} <= {"vehicle"}

    # Whoever ends in time leaves out what detectors had not begun.
    told = sum(counts.total("member_frames", status=one) for one in ("ok", "failed", "timeout"))
    assert told == len(MEMBERS) * len(site.kept)
    assert counts.total("member_frames", status="failed") >= len(kept)
    assert counts.total("boxes_unmapped") > 0
    assert [str(law) for law in conservation(counts) if not law.holds] == []


def bare(member_id: str) -> str:
    name, _, rest = member_id.partition("@")
    return name + rest[12:]
