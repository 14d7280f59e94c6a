from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from gleancam_upstream.calibrating.judged import Float64Array
from gleancam_upstream.calibrating.matching import match
from gleancam_upstream.calibrating.truth import Truth

NAMES = ("person", "car")
SIZE = 100


def boxes(*rows: tuple[float, float, float, float]) -> Float64Array:
    return np.array(rows, np.float64).reshape(-1, 4)


def truth(*rows: tuple[float, float, float, float], crowd: tuple[bool, ...] = ()) -> Truth:
    return Truth(
        ("person",) * len(rows), boxes(*rows), np.array(crowd or [False] * len(rows), np.bool_)
    )


def test_an_object_is_found_once_by_the_best() -> None:
    xyxy = boxes((0, 0, 0.5, 0.5), (0, 0, 0.5, 0.49), (0.6, 0.6, 0.9, 0.9))

    found = match(["person"] * 3, xyxy, np.array([0.5, 0.9, 0.8]), truth((0, 0, 0.5, 0.5)))

    assert found.right.tolist() == [False, True, False]
    assert not found.ignored.any()


def test_a_label_of_another_class_is_wrong() -> None:
    found = match(["car"], boxes((0, 0, 0.5, 0.5)), np.array([0.9]), truth((0, 0, 0.5, 0.5)))

    assert found.right.tolist() == [False]


def test_a_half_is_enough() -> None:
    xyxy = boxes((0, 0, 0.5, 0.25), (0.5, 0.5, 0.75, 0.99))
    objects = truth((0, 0, 0.5, 0.5), (0.5, 0.5, 1.0, 0.99))

    found = match(["person"] * 2, xyxy, np.array([0.9, 0.8]), objects)

    assert found.right.tolist() == [True, True]


def test_what_lies_on_a_crowd_is_ignored_unless_it_is_an_object() -> None:
    objects = truth((0, 0, 1, 0.5), (0.1, 0.1, 0.2, 0.2), crowd=(True, False))
    xyxy = boxes((0.1, 0.1, 0.2, 0.2), (0.5, 0.1, 0.6, 0.2), (0.6, 0.1, 0.7, 0.2), (0, 0.6, 1, 1))

    found = match(["person"] * 4, xyxy, np.array([0.9, 0.8, 0.7, 0.6]), objects)

    assert found.right.tolist() == [True, False, False, False]
    assert found.ignored.tolist() == [False, True, True, False]


@pytest.mark.parametrize("labels", [0, 3])
def test_a_picture_without_objects(labels: int) -> None:
    xyxy = np.tile(np.array([0, 0, 0.5, 0.5]), (labels, 1))

    found = match(["person"] * labels, xyxy, np.full(labels, 0.5), truth())

    assert found.right.tolist() == [False] * labels
    assert found.ignored.tolist() == [False] * labels


def test_objects_without_labels() -> None:
    assert match([], np.empty((0, 4)), np.empty(0), truth((0, 0, 1, 1))).right.shape == (0,)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[str], Float64Array, Float64Array, Truth]:
    """Draw labels near objects, some of them crowds."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, extra = draw(st.integers(0, 6)), draw(st.integers(0, 8))
    low = rng.uniform(0, 0.6, (count, 2))
    objects = np.hstack([low, low + rng.uniform(0.1, 0.4, (count, 2))])
    around = objects if count else boxes((0.2, 0.2, 0.6, 0.6))
    near = around[rng.integers(0, len(around), extra)]
    moved = near + rng.normal(0, 0.03, near.shape)
    low, high = moved[:, :2], np.maximum(moved[:, 2:], moved[:, :2] + 0.02)
    names = [NAMES[number] for number in rng.integers(0, 2, extra)]
    classes = tuple(NAMES[number] for number in rng.integers(0, 2, count))
    score = rng.permutation(np.linspace(0.1, 0.9, extra))
    return (
        names,
        np.hstack([low, high]),
        score,
        Truth(classes, objects, rng.uniform(size=count) < 0.3),
    )


@settings(max_examples=200)
@given(scenes())
def test_it_is_as_the_coco_evaluation_does(
    drawn: tuple[list[str], Float64Array, Float64Array, Truth],
) -> None:
    names, xyxy, score, objects = drawn
    found = match(names, xyxy, score, objects)

    with redirect_stdout(StringIO()):
        right, ignored = coco_says(names, xyxy, score, objects)

    assert found.right.tolist() == right
    assert found.ignored.tolist() == ignored


def coco_says(
    names: list[str], xyxy: Float64Array, score: Float64Array, objects: Truth
) -> tuple[list[bool], list[bool]]:
    if not names:
        return [], []
    known = COCO()
    known.dataset = {
        "images": [{"id": 1, "width": SIZE, "height": SIZE}],
        "categories": [{"id": number, "name": name} for number, name in enumerate(NAMES, 1)],
        "annotations": [
            {**row, "id": number, "iscrowd": int(crowd), "area": 1}
            for number, (row, crowd) in enumerate(
                zip(rows(objects.class_names, objects.xyxy), objects.crowd, strict=True), 1
            )
        ],
    }
    known.createIndex()
    results = rows(names, xyxy)
    for row, value in zip(results, score.tolist(), strict=True):
        row["score"] = value
    evaluation = COCOeval(known, known.loadRes(results), "bbox")
    evaluation.evaluate()
    right, ignored = [False] * len(names), [False] * len(names)
    for one in evaluation.evalImgs:
        if one is None or one["aRng"] != evaluation.params.areaRng[0]:
            continue
        for column, number in enumerate(one["dtIds"]):
            matched = one["dtMatches"][0, column] > 0
            ignored[number - 1] = bool(one["dtIgnore"][0, column])
            right[number - 1] = bool(matched) and not ignored[number - 1]
    return right, ignored


def rows(names: tuple[str, ...] | list[str], xyxy: Float64Array) -> list[dict[str, object]]:
    return [
        {
            "image_id": 1,
            "category_id": NAMES.index(name) + 1,
            "bbox": [x1 * SIZE, y1 * SIZE, (x2 - x1) * SIZE, (y2 - y1) * SIZE],
        }
        for name, (x1, y1, x2, y2) in zip(names, xyxy.tolist(), strict=True)
    ]
