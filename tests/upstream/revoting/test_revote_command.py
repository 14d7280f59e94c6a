from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from gleancam.wire.codec import encode
from gleancam_engines.voting.committee import Rules
from gleancam_upstream.__main__ import main
from gleancam_upstream.kept import index, load
from made_datasets import Stored, stored, write_dataset
from made_votes import CURVES, ONTOLOGY, committee, voted_on


def revote(data: Path, *rest: str) -> int:
    return main(["labels", "revote", str(data), *rest])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    by = committee(ontology=ONTOLOGY, calibration=CURVES)
    late = voted_on(9, committee(Rules(strategy="consensus")), ("ok", "timeout", "failed", "ok"))
    write_dataset(tmp_path / "data", [*(voted_on(number, by) for number in range(4)), late])
    return tmp_path / "data"


def manifest(data: Path, number: int) -> Path:
    return data / "samples" / "front" / f"sample-{number}.json"


def test_a_check_of_what_devices_sent_is_exit_code_0(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert revote(data, "--check", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["samples"], found["differences"], found["problems"]) == (5, [], [])
    assert found["labels"] == sum(len(load(data, row).data.labels) for row in index(data)) > 5


def test_a_check_names_the_first_difference(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "500")
    for number in (1, 2):
        document = json.loads(manifest(data, number).read_bytes())
        document["labels"][1]["score"] += 1e-4
        manifest(data, number).write_text(json.dumps(document, separators=(",", ":")))
    assert revote(data, "--check") == 1
    said = capsys.readouterr().out
    assert "2 of 5 samples differ; the first:" in said
    assert "front/sample-1: label 1 is {" in said
    assert "sample-2" not in said


def test_a_check_says_what_it_cannot_check(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest(data, 3).write_bytes(stored(3, old=True, sample_id="sample-3").raw)
    assert revote(data, "--check") == 1
    assert "no vote: front/sample-3: the manifest names strategy" in capsys.readouterr().out


def test_a_check_has_no_other_settings(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert revote(data, "--check", "--strategy", "consensus") == 2
    assert "under their own settings" in capsys.readouterr().err


def test_lines_hold_the_labels_of_the_vote(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "votes.jsonl"
    assert revote(data, "--out", str(out)) == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    for row, line in zip(index(data), lines, strict=True):
        said = json.loads((data / "samples" / row.camera / f"{row.sample_id}.json").read_bytes())
        assert line == {
            "sample_id": row.sample_id,
            "camera": row.camera,
            "labels": said["labels"],
            "ensemble": said["ensemble"],
        }
    assert "0 of 5 samples have other labels" in capsys.readouterr().out
    assert [path.name for path in out.parent.iterdir()] == ["votes.jsonl"]


def test_a_folder_of_other_votes_is_a_dataset(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "unanimous"
    assert revote(data, "--out", str(out), "--strategy", "unanimous", "--json") == 0
    tally = json.loads(capsys.readouterr().out)
    assert tally["samples"] == 5
    assert sum(tally["after"].values()) < sum(tally["before"].values())
    assert revote(out, "--check") == 0, "it says how it came about"
    assert [row.sample_id for row in index(out)] == [row.sample_id for row in index(data)]
    for row in index(out):
        kept = load(out, row)
        assert kept.data.ensemble.strategy == "unanimous"
        assert kept.image.samefile(load(data, row).image)
        assert row.bytes == kept.image.stat().st_size + len(encode(kept.data))
    command = ["labels", "export", str(out), "--format", "coco", "--out", str(tmp_path / "coco")]
    assert main(command) == 0
    assert revote(data, "--out", str(out)) == 2, "what is there stays"
    assert "not empty" in capsys.readouterr().err


def test_a_review_is_not_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sent = voted_on(1, committee())
    label = replace(sent.data.labels[0], status="approved")
    reviewed = replace(sent.data, labels=(label,))
    write_dataset(tmp_path / "data", [Stored(reviewed, encode(reviewed), sent.image)])
    out = tmp_path / "out"
    assert revote(tmp_path / "data", "--out", str(out), "--strategy", "affirmative") == 0
    assert "1 samples have reviewed labels and stay as they are" in capsys.readouterr().out
    assert manifest(out, 1).read_bytes() == encode(reviewed)
    assert revote(tmp_path / "data", "--check") == 0


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        (("--iou", "1.5"), "--iou 1.5 is not in 0 to 1"),
        (("--confidence", "nan"), "--confidence nan is not in 0 to 1"),
        (("--quorum", "0"), "--quorum 0 is below 1"),
        (("--ontology", "none.toml"), "none.toml cannot be read"),
    ],
)
def test_what_cannot_be_asked_for_is_exit_code_2(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], rest: tuple[str, ...], why: str
) -> None:
    assert revote(data, "--out", str(tmp_path / "out.jsonl"), *rest) == 2
    assert why in capsys.readouterr().err


def test_settings_that_fit_no_manifest_are_told_for_each(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    assert revote(data, "--out", str(out), "--only-members", "nobody") == 1
    assert "no vote: front/sample-0: there is no member nobody" in capsys.readouterr().out
    assert out.read_bytes() == b""


def test_an_empty_dataset_is_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_dataset(tmp_path / "data", [])
    assert revote(tmp_path / "data", "--out", str(tmp_path / "out")) == 2
    assert "holds no samples: run" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
