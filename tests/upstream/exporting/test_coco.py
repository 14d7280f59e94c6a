"""COCO exports in pycocotools, the format's own reader."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from gleancam_upstream.exporting.coco import Coco
from gleancam_upstream.exporting.exporting import Order, export_dataset
from gleancam_upstream.exporting.splits import parsed_splits
from gleancam_upstream.exporting.wanted import Wanted
from made_datasets import FIRST, NAMES, SECOND, Stored, awkward, made_box, stored, write_dataset


def load(path: Path) -> Any:
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


@pytest.fixture
def samples() -> list[Stored]:
    return awkward()


@pytest.fixture
def out(tmp_path: Path, samples: list[Stored]) -> Path:
    write_dataset(tmp_path / "data", samples)
    wanted = Wanted(splits=parsed_splits("train=0.6,val=0.4"))
    order = Order(tmp_path / "data", tmp_path / "out", Coco(), wanted, "link")
    export_dataset(order, lambda _step, _total: lambda: None)
    return order.out


def test_its_reader_gets_every_annotation(out: Path, samples: list[Stored]) -> None:
    wanted = {f"{one.data.camera}_{one.data.sample_id}.jpg": one.data for one in samples}
    image_ids, annotation_ids = [], []
    for split in ("train", "val"):
        read = load(out / "annotations" / f"instances_{split}.json")
        assert [one["name"] for one in read.loadCats(read.getCatIds())] == list(NAMES)
        assert read.getCatIds() == list(range(1, len(NAMES) + 1))
        for image in read.loadImgs(read.getImgIds()):
            data = wanted.pop(image["file_name"])
            assert (image["width"], image["height"]) == (data.image.width, data.image.height)
            found = read.loadAnns(read.getAnnIds(imgIds=image["id"]))
            for annotation, label in zip(found, data.labels, strict=True):
                x1, y1, x2, y2 = label.box
                x, y, wide, high = annotation["bbox"]
                assert x / image["width"] == pytest.approx(x1, abs=1e-6)
                assert y / image["height"] == pytest.approx(y1, abs=1e-6)
                assert wide / image["width"] == pytest.approx(x2 - x1, abs=1e-6)
                assert high / image["height"] == pytest.approx(y2 - y1, abs=1e-6)
                assert NAMES[annotation["category_id"] - 1] == label.class_name
                assert annotation["score"] == label.score
            annotation_ids += [one["id"] for one in found]
        image_ids += read.getImgIds()
    assert wanted == {}, "pictures without objects stay"
    assert sorted(annotation_ids) == list(range(1, 2 * 27 + 1)), "unique over the whole export"
    assert sorted(image_ids) == list(range(1, 36 + 1))


def test_its_evaluator_takes_the_results(out: Path) -> None:
    read = load(out / "annotations" / "instances_train.json")
    with contextlib.redirect_stdout(io.StringIO()):
        results = read.loadRes(str(out / "results" / "train.json"))
        evaluation = COCOeval(read, results, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    assert results.getAnnIds()
    assert evaluation.stats[0] == pytest.approx(1.0), "the labels themselves are the truth"


def test_what_it_says_of_a_label(tmp_path: Path) -> None:
    new = made_box((0.1, 0.2, 0.3, 0.4), "person", 0.75, "approved")
    write_dataset(
        tmp_path / "data",
        [stored(1, [new], sample_id="new"), stored(2, [new], sample_id="old", old=True)],
    )
    order = Order(tmp_path / "data", tmp_path / "out", Coco(), Wanted(), "link")
    report = export_dataset(order, lambda _step, _total: lambda: None)
    content = json.loads((order.out / "annotations" / "instances_train.json").read_text())
    first, second = (one["attributes"] for one in content["annotations"])
    assert first["sample_id"] == "new"
    assert (first["votes"], first["voters"]) == (2, [FIRST, SECOND])
    assert first["state"] == "approved"
    assert first["release"] in report.releases
    assert first["uncertainty"] == {
        "risk": new.risk,
        "bald": new.bald,
        "entropy": new.entropy,
        "loc_spread": new.loc_spread,
        "informativeness": pytest.approx(0.845, abs=1e-4),  # h(0.7275) / ln 2
    }
    assert second["uncertainty"] == {
        "risk": None,
        "bald": None,
        "entropy": None,
        "loc_spread": None,
        "informativeness": pytest.approx(0.8113, abs=1e-4),  # h(0.75) / ln 2
    }
    assert second["release"] != first["release"]
