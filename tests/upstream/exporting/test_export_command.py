from __future__ import annotations

import json
from pathlib import Path

import pytest

from gleancam_upstream.__main__ import main
from made_datasets import awkward, made_box, stored, write_dataset


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_dataset(tmp_path / "data", awkward())
    return tmp_path / "data"


def export(data: Path, out: Path, *rest: str) -> int:
    return main(["labels", "export", str(data), "--out", str(out), *rest])


def test_it_prints_what_was_written_and_lost(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert export(data, tmp_path / "out", "--format", "voc", "--split", "train=0.6,val=0.4") == 0
    said = capsys.readouterr().out
    assert "Export: voc, 16 classes" in said
    assert "What voc does not carry" in said
    assert "geometry" in said
    assert "'no:colon' became 'no-colon'" in said
    assert "count pixels from 1" in said


def test_json_is_the_report(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(data, tmp_path / "out", "--format", "yolo", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((tmp_path / "out" / "export-report.json").read_text())
    assert printed["splits"]["train"]["pictures"] == 36
    assert printed["splits"]["train"]["empty"] == 9


def test_a_damaged_sample_is_exit_code_1(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "images" / "front" / "same-0.jpg").unlink()
    assert export(data, tmp_path / "out", "--format", "coco") == 1
    assert "not exported: front/same-0" in capsys.readouterr().out.replace("\n", "")


def test_links_cost_no_room_and_copies_are_apart(data: Path, tmp_path: Path) -> None:
    source = data / "images" / "front" / "same-0.jpg"
    for images in ("link", "copy"):
        out = tmp_path / images
        assert export(data, out, "--format", "coco", "--images", images) == 0
        target = out / "images" / "train" / "front_same-0.jpg"
        assert source.samefile(target) == (images == "link")
        assert target.read_bytes() == source.read_bytes()


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        (("--format", "coco", "--min-score", "1.5"), "not in 0 to 1"),
        (("--format", "coco", "--min-score", "nan"), "not in 0 to 1"),
        (("--format", "coco", "--zero-based"), "--zero-based says nothing about coco"),
        (("--format", "coco", "--state", "new"), "there is no new"),
        (("--format", "coco", "--split", "train=0.8"), "do not add up to 1"),
    ],
)
def test_what_cannot_be_asked_for_is_exit_code_2(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], rest: tuple[str, ...], why: str
) -> None:
    assert export(data, tmp_path / "out", *rest) == 2
    assert why in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_no_dataset_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "none").mkdir()
    assert export(tmp_path / "none", tmp_path / "out", "--format", "coco") == 2
    assert "is no dataset" in capsys.readouterr().err


def test_two_names_that_voc_cannot_tell_apart_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = [made_box((0, 0, 1, 1), name, 0.5) for name in ("lane:left", "lane-left")]
    write_dataset(tmp_path / "data", [stored(1, labels, old=True)])
    assert export(tmp_path / "data", tmp_path / "out", "--format", "voc") == 2
    assert "'lane-left' and 'lane:left' would be one: rename" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["data"], "nothing half stays behind"
    assert export(tmp_path / "data", tmp_path / "out", "--format", "cvat") == 0
