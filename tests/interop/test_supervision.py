"""Roboflow's supervision reads YOLO, VOC and COCO."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import supervision as sv

from conftest import SPLITS, Box, Expected


def boxes(dataset: Any) -> dict[str, list[Box]]:
    found = {}
    for path, _image, detections in dataset:
        names = [dataset.classes[number] for number in detections.class_id]
        found[Path(path).name] = list(zip(names, detections.xyxy.tolist(), strict=True))
    return found


def test_yolo(expected: Expected) -> None:
    root = expected.root / "yolo"
    found = {}
    for split in SPLITS:
        dataset = sv.DetectionDataset.from_yolo(
            str(root / "images" / split), str(root / "labels" / split), str(root / "data.yaml")
        )
        assert dataset.classes == expected.classes
        found[split] = boxes(dataset)
    expected.compare(found, 1e-3)


def test_coco(expected: Expected) -> None:
    root = expected.root / "coco"
    found = {}
    for split in SPLITS:
        annotations = root / "annotations" / f"instances_{split}.json"
        dataset = sv.DetectionDataset.from_coco(str(root / "images" / split), str(annotations))
        assert dataset.classes == expected.classes
        found[split] = boxes(dataset)
    expected.compare(found, 1e-3)


def test_voc(expected_voc: Expected) -> None:
    """It knows no splits, so they are read from the sets; whole pixels, one at the least."""
    root = expected_voc.root / "voc"
    dataset = sv.DetectionDataset.from_pascal_voc(
        str(root / "JPEGImages"), str(root / "Annotations")
    )
    read = boxes(dataset)
    assert set(dataset.classes) <= set(expected_voc.classes)
    found = {}
    for split in SPLITS:
        stems = (root / "ImageSets" / "Main" / f"{split}.txt").read_text().split()
        found[split] = {f"{stem}.jpg": read[f"{stem}.jpg"] for stem in stems}
    expected_voc.compare(found, 1.0)
