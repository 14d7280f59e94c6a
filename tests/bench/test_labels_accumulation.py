from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest

from bench.labels.accumulation import accumulated
from bench.labels.boxes import Boxes, joined
from bench.labels.evaluator import _coco, _document, evaluated
from bench.labels.photographs import Document
from bench.labels.resampling import interval, resamples

IMAGES, CLASSES = 12, 4


def made(seed: int, images: int = IMAGES) -> tuple[Document, Boxes]:
    """Return objects, some of them crowds, and boxes near them with distinct scores."""
    rng = np.random.default_rng(seed)
    annotations: list[dict[str, Any]] = []
    parts = []
    scores = iter(rng.permutation(np.linspace(0.01, 0.99, images * 20)))
    for image in range(1, images + 1):
        for _ in range(rng.integers(0, 8)):
            x, y, width, height = rng.uniform([0, 0, 20, 20], [80, 80, 60, 60])
            category = int(rng.integers(1, CLASSES))  # the last class has boxes only
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image,
                    "category_id": category,
                    "bbox": [x, y, width, height],
                    "area": width * height,
                    "iscrowd": int(rng.random() < 0.1),
                }
            )
            for _ in range(rng.integers(0, 3)):
                box = np.array([[x, y, x + width, y + height]]) + rng.normal(0, 4, (1, 4))
                said = category if rng.random() < 0.8 else CLASSES
                parts.append(
                    Boxes(np.array([image]), np.array([said]), box, np.array([next(scores)]))
                )
    document = {
        "images": [{"id": at, "width": 200, "height": 200} for at in range(1, images + 1)],
        "annotations": annotations,
        "categories": [{"id": at, "name": str(at)} for at in range(1, CLASSES + 1)],
    }
    return document, joined(parts)


def by_pycocotools(document: Document, boxes: Boxes) -> list[float]:
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(_coco(document), _coco(_document(document, boxes)), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return [float(evaluation.stats[at]) for at in (0, 1, 2, 8)]


def copied(document: Document, boxes: Boxes, counts: list[int]) -> tuple[Document, Boxes]:
    """Return a data set in which each image is as often as `counts` says, under its own id."""
    images: list[Any] = []
    annotations: list[Any] = []
    parts = []
    for original, count in enumerate(counts, 1):
        for _ in range(count):
            image = len(images) + 1
            images.append({"id": image, "width": 200, "height": 200})
            for one in document["annotations"]:
                if one["image_id"] == original:
                    number = len(annotations) + 1
                    annotations.append({**one, "id": number, "image_id": image})
            here = boxes.image == original
            parts.append(
                Boxes(
                    np.full(int(here.sum()), image),
                    boxes.category[here],
                    boxes.xyxy[here],
                    boxes.score[here],
                )
            )
    return {**document, "images": images, "annotations": annotations}, joined(parts)


@pytest.mark.parametrize("seed", range(5))
def test_every_image_once_is_what_pycocotools_says(seed: int) -> None:
    document, boxes = made(seed)
    ours = accumulated(evaluated(document, boxes))
    assert ours.ap[0] > 0.05
    figures = [ours.ap[0], ours.ap50[0], ours.ap75[0], ours.ar[0]]
    assert figures == pytest.approx(by_pycocotools(document, boxes), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_a_resample_is_what_pycocotools_says_of_copied_images(seed: int) -> None:
    document, boxes = made(seed)
    weights = resamples(IMAGES, 3, seed)
    ours = accumulated(evaluated(document, boxes), weights)
    for at, counts in enumerate(weights.tolist()):
        figures = [ours.ap[at], ours.ap50[at], ours.ap75[at], ours.ar[at]]
        theirs = by_pycocotools(*copied(document, boxes, counts))
        assert figures == pytest.approx(theirs, abs=1e-12)


def test_no_boxes_find_nothing() -> None:
    document, _ = made(1)
    ours = accumulated(evaluated(document, joined([])))
    assert (ours.ap[0], ours.ar[0]) == (0, 0)


def test_nothing_can_be_said_where_no_object_is() -> None:
    document, boxes = made(1)
    weights = np.zeros((1, IMAGES), np.int64)
    assert accumulated(evaluated(document, boxes), weights).ap[0] == -1


def test_verdicts_follow_the_boxes() -> None:
    document, boxes = made(3)
    said = evaluated(document, boxes).verdicts(len(boxes))
    order = np.random.default_rng(0).permutation(len(boxes))
    shuffled = Boxes(*(column[order] for column in columns(boxes)))
    assert set(said.tolist()) == {-1, 0, 1}
    assert (evaluated(document, shuffled).verdicts(len(boxes)) == said[order]).all()
    assert (said[boxes.category == CLASSES] == 0).all()


def test_of_two_boxes_on_one_object_the_better_is_right() -> None:
    document: Document = {
        "images": [{"id": 1, "width": 100, "height": 100}],
        "categories": [{"id": 1, "name": "cup"}, {"id": 2, "name": "fork"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 10, 20, 20], "area": 400}
            | {"iscrowd": 0},
            {"id": 2, "image_id": 1, "category_id": 1, "bbox": [60, 60, 40, 40], "area": 1600}
            | {"iscrowd": 1},
        ],
    }
    rows = [
        (1, [10, 10, 30, 31], 0.5),  # a second one on the same object
        (1, [10, 10, 30, 30], 0.6),
        (2, [10, 10, 30, 30], 0.9),  # of another class
        (1, [70, 70, 80, 80], 0.4),  # within the crowd
        (1, [10, 10, 30, 60], 0.7),  # overlaps too little
    ]
    boxes = Boxes(
        np.ones(5, np.int64),
        np.array([row[0] for row in rows]),
        np.array([row[1] for row in rows], np.float64),
        np.array([row[2] for row in rows]),
    )
    assert evaluated(document, boxes).verdicts(5).tolist() == [0, 1, 0, -1, 0]


def test_resamples_are_as_large_as_the_original_and_the_same_again() -> None:
    drawn = resamples(30, 50, 1)
    assert (drawn.sum(axis=1) == 30).all()
    assert (drawn == resamples(30, 50, 1)).all()
    assert (drawn != resamples(30, 50, 2)).any()


def test_an_interval_holds_the_middle_of_what_was_drawn() -> None:
    drawn = np.random.default_rng(0).permutation(np.arange(-10.0, 91))
    found = interval(3.0, np.append(drawn, np.nan))
    assert (found.value, found.mean) == (3, 40)
    assert (found.low, found.high) == pytest.approx((-7.5, 87.5))
    assert found.not_above_zero == pytest.approx(11 / 101)


def columns(boxes: Boxes) -> tuple[Any, ...]:
    return boxes.image, boxes.category, boxes.xyxy, boxes.score
