"""Datumaro reads COCO, VOC, YOLO and CVAT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datumaro as dm
import pytest

from conftest import SPLITS, Box, Expected


def boxes(dataset: Any) -> dict[str, dict[str, list[Box]]]:
    names = [one.name for one in dataset.categories()[dm.AnnotationType.label]]
    found: dict[str, dict[str, list[Box]]] = {split: {} for split in SPLITS}
    for item in dataset:
        assert Path(item.media.path).is_file()
        found[item.subset][Path(item.media.path).name] = [
            (names[one.label], list(one.points)) for one in item.annotations
        ]
    return found


def names(dataset: Any) -> list[str]:
    return [one.name for one in dataset.categories()[dm.AnnotationType.label]]


def test_coco(expected: Expected) -> None:
    dataset = dm.Dataset.import_from(str(expected.root / "coco"), "coco_instances")
    assert names(dataset) == expected.classes
    expected.compare(boxes(dataset), 0.01)  # it rounds to two decimals itself
    attributes = next(one for item in dataset for one in item.annotations).attributes
    assert attributes["votes"] == 2
    assert attributes["score"] > 0


def test_yolo(expected: Expected) -> None:
    dataset = dm.Dataset.import_from(str(expected.root / "yolo"), "yolo")
    assert names(dataset) == expected.classes
    expected.compare(boxes(dataset), 0.01)


@pytest.mark.parametrize(
    ("folder", "mode"), [("voc", "voc-one-based"), ("voc-zero-based", "dm-zero-based")]
)
def test_voc(expected_voc: Expected, folder: str, mode: str) -> None:
    root = str(expected_voc.root / folder)
    dataset = dm.Dataset.import_from(root, "voc_detection", coordinate_mode=mode)
    assert [name for name in names(dataset) if name != "background"] == expected_voc.classes
    expected_voc.compare(boxes(dataset), 1.0)


def test_cvat(expected: Expected) -> None:
    found = {}
    for split in SPLITS:
        dataset = dm.Dataset.import_from(str(expected.root / "cvat" / split), "cvat")
        assert names(dataset) == expected.classes
        read = {}
        for item in dataset:
            assert Path(item.media.path).is_file()
            name = Path(item.media.path).name
            read[name] = [
                (expected.classes[one.label], list(one.points)) for one in item.annotations
            ]
            scores = [float(one.attributes["score"]) for one in item.annotations]
            assert scores == expected.scores[name]
        found[split] = read
    expected.compare(found, 0.006)
