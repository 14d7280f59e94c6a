"""The whole way of a detector, from planes to boxes, on photographs with ground truth."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from gleancam_engines.detectors.loading import open_detector
from gleancam_engines.detectors.nms import pairwise_iou
from gleancam_engines.fetching import convert
from gleancam_engines.opening import Opening
from gleancam_engines.planes import Colorimetry, Matrix, Range
from made_planes import from_rgb

pytestmark = [pytest.mark.models, pytest.mark.evaluation, pytest.mark.slow]

HD = Colorimetry(Matrix.BT709, Range.LIMITED)
LARGE = 96**2
"""Area in pixels from which COCO calls an object large."""


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("yolox-nano", 0.68),
        pytest.param(
            "picodet-416",
            0.8,
            marks=pytest.mark.skipif(
                not convert.runs_here(), reason="the converter of picodet-416 is x86-64 only"
            ),
        ),
    ],
)
def test_finds_large_objects(
    name: str, least: float, models_directory: Path, evaluation_data: Path
) -> None:
    """Share of large objects met by a box of their class with IoU above 0.5."""
    images = evaluation_data / "images"
    truth = json.loads((images / "instances_coco_val2017_76.json").read_text())
    detector = open_detector(models_directory / name, Opening(threads=2), confidence=0.3)
    found: list[bool] = []
    for file_name, wanted in _wanted(truth).items():
        bgr = cv2.imread(str(images / "coco_val2017_76" / file_name))
        assert bgr is not None, file_name
        seen = detector.detect(from_rgb(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), HD))
        overlap = pairwise_iou(np.array([box for box, _ in wanted], np.float32), seen.xyxy)
        named = np.array([seen.class_names[at] for at in seen.class_id])
        found += [
            bool(((row > 0.5) & (named == name_)).any())
            for row, (_, name_) in zip(overlap, wanted, strict=True)
        ]
    assert len(found) > 100
    assert np.mean(found) > least


def _wanted(truth: dict[str, Any]) -> dict[str, list[tuple[list[float], str]]]:
    names = {one["id"]: one["name"] for one in truth["categories"]}
    files = {one["id"]: one["file_name"] for one in truth["images"]}
    wanted: dict[str, list[tuple[list[float], str]]] = defaultdict(list)
    for one in truth["annotations"]:
        x, y, width, height = one["bbox"]
        if not one["iscrowd"] and one["area"] > LARGE:
            box = [x, y, x + width, y + height]
            wanted[files[one["image_id"]]].append((box, names[one["category_id"]]))
    return wanted
