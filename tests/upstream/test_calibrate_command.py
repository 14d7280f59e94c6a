"""`labels calibrate` from end to end: folders of samples, COCO files, exit codes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from gleancam.wire.ensemble import committee_of
from gleancam.wire.ensemble_data import RulesData
from gleancam_engines.calibrations import calibration_path, load_calibration
from gleancam_engines.committee_identity import committee_digest
from gleancam_engines.errors import CalibrationError
from gleancam_engines.voting.calibration import Curve
from gleancam_upstream.__main__ import main
from made_reviews import Coco, by_curve, extent, made_dataset, made_review, rewrite, written
from made_samples import CONTEXT, ENSEMBLE

COMMITTEE = committee_of(ENSEMBLE)
OTHER = msgspec.structs.replace(ENSEMBLE, rules=RulesData(iou_nms=0.5))
HOT = Curve(2.5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "samples"


def calibrate(folder: Path, coco: Coco, *flags: str) -> int:
    reviewed = written(coco, folder.parent / "reviewed.json")
    return main(["labels", "calibrate", str(folder), "--reviewed", str(reviewed), *flags])


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_what_it_writes_is_what_the_device_loads(
    folder: Path, method: str, capsys: pytest.CaptureFixture[str]
) -> None:
    coco = made_review(made_dataset(folder, 60), by_curve(HOT))
    path = calibration_path(folder.parent, COMMITTEE)

    flags = ("--method", method, "--least", "50", "--out", str(path), "--json")
    assert calibrate(folder, coco, *flags) == 0

    told = document(capsys)
    assert told["method"] == method
    assert told["committee"] == committee_digest(COMMITTEE)
    assert (told["images"], told["labels"], told["left_out"]) == (60, 360, {})
    assert sum(one["labels"] for one in told["classes"]) == 360
    assert sum(one["right"] for one in told["classes"]) == told["right"] < 360
    assert told["after_cross_validated"]["ece"] < told["before"]["ece"]
    loaded = load_calibration(folder.parent, COMMITTEE)
    assert loaded.by_class.keys() == {"person", "car", "bicycle"}
    shown = np.array([0.5, 0.7, 0.9])
    assert loaded.common.probabilities(shown) == pytest.approx(HOT.probabilities(shown), abs=0.1)


@pytest.mark.parametrize(
    ("truth", "method"),
    [(HOT, "temperature"), (Curve(knots=((0.59, 0.05), (0.6, 0.95))), "isotonic")],
)
def test_the_method_that_fits_is_chosen(
    folder: Path, truth: Curve, method: str, capsys: pytest.CaptureFixture[str]
) -> None:
    coco = made_review(made_dataset(folder, 60), by_curve(truth))

    assert calibrate(folder, coco, "--out", str(folder.parent / "made.json"), "--json") == 0

    assert document(capsys)["method"] == method


def test_people_get_tables(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coco = made_review(made_dataset(folder, 20), by_curve(HOT))
    path = folder.parent / "made.json"

    assert calibrate(folder, coco, "--out", str(path), "--least", "1000") == 0

    out = capsys.readouterr().out
    assert "120 labels in 20 images" in out
    assert "cross-validated" in out
    assert "as all" in out, "no class has a thousand"
    assert f"{committee_digest(COMMITTEE)}.json" in out


def test_the_file_is_named_for_the_committee(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    coco = made_review(made_dataset(folder, 20), by_curve(HOT))
    monkeypatch.chdir(folder.parent)

    assert calibrate(folder, coco) == 0

    assert (folder.parent / f"{committee_digest(COMMITTEE)}.json").is_file()


def test_another_committee_refuses_the_file(folder: Path) -> None:
    coco = made_review(made_dataset(folder, 20), by_curve(HOT))
    other = committee_of(OTHER)
    assert calibrate(folder, coco, "--out", str(calibration_path(folder.parent, other))) == 0

    with pytest.raises(CalibrationError, match=r"its iou_nms is 0\.6, not 0\.5"):
        load_calibration(folder.parent, other)


def test_several_committees_want_a_choice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    samples = made_dataset(folder, 20)
    samples += made_dataset(folder, 8, context=replace(CONTEXT, ensemble=OTHER), first=20)
    coco = made_review(samples, by_curve(HOT))
    digest = committee_digest(committee_of(OTHER))

    assert calibrate(folder, coco) == 2
    assert f"{digest} (8 samples)" in capsys.readouterr().err

    out = str(folder.parent / "made.json")
    assert calibrate(folder, coco, "--committee", digest, "--out", out, "--json") == 0
    told = document(capsys)
    assert (told["committee"], told["images"]) == (digest, 8)
    assert told["left_out"] == {"samples of other committees": 20}

    assert calibrate(folder, coco, "--committee", "0123") == 2
    assert "--committee" in capsys.readouterr().err


def test_what_was_not_used_is_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    samples = made_dataset(folder, 30)
    reviewed = samples[:20]
    coco = made_review(reviewed, by_curve(HOT))
    bicycle = next(one["id"] for one in coco["categories"] if one["name"] == "bicycle")
    coco["categories"] = [one for one in coco["categories"] if one["id"] != bicycle]
    coco["annotations"] = [one for one in coco["annotations"] if one["category_id"] != bicycle]
    coco["images"].append({"id": 99, "file_name": "holiday.jpg", "width": 10, "height": 10})
    rewrite(
        folder, samples[0], ensemble={"strategy": "single", "models": [], "degraded_quorum": False}
    )
    first = next(one for one in samples[1].labels if one.class_name != "bicycle")
    crowd = next(one["id"] for one in coco["categories"] if one["name"] == first.class_name)
    coco["annotations"] = [one for one in coco["annotations"] if one["image_id"] != 1]
    coco["annotations"].append(
        {"image_id": 1, "category_id": crowd, "bbox": extent(first), "iscrowd": 1}
    )

    out = str(folder.parent / "made.json")
    assert calibrate(folder, coco, "--json", "--out", out) == 0

    told = document(capsys)
    left = told["left_out"]
    assert left.pop("labels on crowds") >= 1
    bicycles = sum(one.class_name == "bicycle" for each in reviewed[1:] for one in each.labels)
    assert left == {
        "pictures of no sample here": 1,
        "samples nobody reviewed": 10,
        "samples of old devices, that name no committee": 1,
        "labels of classes nobody reviewed": bicycles,
    }
    assert told["images"] == 19


def test_a_sample_may_be_named_by_its_id_alone(folder: Path) -> None:
    coco = made_review(made_dataset(folder, 20), by_curve(HOT))
    for number, image in enumerate(coco["images"]):
        sample_id = image["file_name"].removeprefix("front-").removesuffix(".jpg")
        if number % 2:
            image |= {"file_name": f"{number}.jpg", "sample_id": sample_id}
        else:
            image["file_name"] = f"images/train/{sample_id}.jpg"

    assert calibrate(folder, coco, "--out", str(folder.parent / "made.json")) == 0


@pytest.mark.parametrize(("right", "why"), [(True, "all are right"), (False, "all are wrong")])
def test_labels_of_one_kind_are_not_enough(
    folder: Path,
    right: bool,  # noqa: FBT001 - a parameter
    why: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    coco = made_review(made_dataset(folder, 5), lambda _: right)
    out = folder.parent / "made.json"

    assert calibrate(folder, coco, "--out", str(out)) == 2

    said = capsys.readouterr().err
    assert why in said
    assert "review more samples" in said
    assert not out.exists()


def test_one_image_leaves_nothing_to_test_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    coco = made_review(made_dataset(folder, 1), by_curve(Curve(20.0)))

    assert calibrate(folder, coco) == 2
    assert "one image" in capsys.readouterr().err


def test_samples_without_labels(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coco = made_review(
        made_dataset(folder, 3, change=lambda sample: replace(sample, labels=())), lambda _: True
    )

    assert calibrate(folder, coco) == 2
    assert "0 labels in 3 reviewed samples: there are none" in capsys.readouterr().err


def test_a_review_of_nothing_here(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coco = made_review(made_dataset(folder, 2), lambda _: True)
    for image in coco["images"]:
        image["file_name"] = "elsewhere.jpg"

    assert calibrate(folder, coco) == 2
    assert "no picture of a sample" in capsys.readouterr().err


def test_only_old_samples(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    samples = made_dataset(folder, 2)
    for one in samples:
        rewrite(
            folder, one, ensemble={"strategy": "single", "models": [], "degraded_quorum": False}
        )

    assert calibrate(folder, made_review(samples, lambda _: True)) == 2
    assert "update the devices" in capsys.readouterr().err


IMAGE = {"id": 1, "file_name": "a.jpg", "width": 640, "height": 480}
CATEGORY = {"id": 1, "name": "person"}
BOX = {"image_id": 1, "category_id": 1, "bbox": [0, 0, 10, 10]}


def coco_bytes(image: Coco = IMAGE, category: Coco = CATEGORY, **box: object) -> bytes:
    whole = {"images": [image], "categories": [category], "annotations": [{**BOX, **box}]}
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "holds no boxes in COCO form"),
        (b"[]", "holds no boxes in COCO form"),
        (b'{"images": []}', "holds no boxes in COCO form"),
        (b"\xff\xfe", "holds no boxes in COCO form"),
        (coco_bytes(bbox=[0, 0, float("nan"), 1]), "holds no boxes in COCO form"),
        (coco_bytes(bbox=[0, 0, -1, 1]), "annotations[0].bbox[2]"),
        (coco_bytes(bbox=[0, 0, 1, 0]), "annotations[0].bbox[3]"),
        (coco_bytes({**IMAGE, "width": 0}), "images[0].width"),
        (coco_bytes(category_id=7), "annotations[0] is of no category, 7"),
        (coco_bytes(image_id=3), "annotations[0] is of no image, 3"),
    ],
)
def test_a_damaged_review(
    folder: Path, content: bytes, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made_dataset(folder, 1)
    path = folder.parent / "reviewed.json"
    path.write_bytes(content)

    assert main(["labels", "calibrate", str(folder), "--reviewed", str(path)]) == 2

    said = capsys.readouterr().err
    assert why in said
    assert str(path) in said


def test_one_sample_twice(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coco = made_review(made_dataset(folder, 2), lambda _: True)
    coco["images"].append({**coco["images"][0], "id": 77})

    assert calibrate(folder, coco) == 2
    assert "two pictures are of sample" in capsys.readouterr().err


def test_no_review_and_no_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made_dataset(folder, 1)

    assert main(["labels", "calibrate", str(folder), "--reviewed", "nowhere.json"]) == 2
    assert "nowhere.json cannot be read" in capsys.readouterr().err
    assert main(["labels", "calibrate", "nowhere", "--reviewed", "nowhere.json"]) == 2
    assert "nowhere is no dataset" in capsys.readouterr().err


def test_a_calibration_that_does_not_help_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    coco = made_review(made_dataset(folder, 4), by_curve(Curve(), seed=3))

    assert calibrate(folder, coco, "--method", "isotonic", "--out", str(folder.parent / "a")) == 0
    assert "do not use this calibration" in capsys.readouterr().out


@pytest.mark.parametrize("least", ["0", "-3", "few"])
def test_least_is_a_count(least: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["labels", "calibrate", "a", "--reviewed", "b", "--least", least])
    assert "--least" in capsys.readouterr().err


def test_an_export_that_was_reviewed_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reviewers here took away every third box; the rest, and the file, are as exported."""
    made_dataset(folder, 20)
    out = folder.parent / "exported"
    assert main(["labels", "export", str(folder), "--format", "coco", "--out", str(out)]) == 0
    (path,) = (out / "annotations").iterdir()
    coco = json.loads(path.read_bytes())
    coco["annotations"] = [one for at, one in enumerate(coco["annotations"]) if at % 3]
    capsys.readouterr()

    assert calibrate(folder, coco, "--out", str(folder.parent / "made.json"), "--json") == 0

    told = document(capsys)
    assert (told["images"], told["labels"], told["right"]) == (20, 120, 80)
    assert told["left_out"] == {}
