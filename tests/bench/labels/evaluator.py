"""pycocotools' matching of boxes with the truth, kept so that images can be weighted afterwards."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.labels.boxes import Boxes, Integers
from bench.labels.photographs import Document

THRESHOLDS = np.linspace(0.5, 0.95, 10)
"""Of IoU: COCO's."""
MOST = 100
"""Boxes of one class that count in one image: COCO's."""

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ClassMatches:
    """One class in all images; N boxes, best score first, of equal ones the earlier image first.

    Attributes:
        row: `(N,)` where each stands in the `Boxes` that were evaluated.
        image: `(N,)` 0-based place of the image.
        right: `(10, N)`, at each of `THRESHOLDS`: met an object that nobody better had met.
        wrong: `(10, N)`: met nothing; what is neither lies on a crowd.
        objects: `(I,)` how many there are in each image, crowds apart.
    """

    row: Integers
    image: Integers
    right: Booleans
    wrong: Booleans
    objects: Integers


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Of all classes that are anywhere, by category id.

    Attributes:
        images: how many there are.
    """

    classes: Mapping[int, ClassMatches]
    images: int

    def verdicts(self, count: int) -> Integers:
        """Return `(count,)` for the boxes evaluated: 1 right, 0 wrong at IoU 0.5, -1 on a crowd.

        A class that is nowhere in the images has only wrong boxes.
        """
        said = np.zeros(count, np.int64)
        for one in self.classes.values():
            said[one.row] = np.where(one.right[0], 1, np.where(one.wrong[0], 0, -1))
        return said


def evaluated(truth: Document, boxes: Boxes) -> Matches:
    """Match boxes with a COCO document, whose annotations are numbered from 1."""
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(_coco(truth), _coco(_document(truth, boxes)), "bbox")
        params = evaluation.params
        params.areaRng, params.areaRngLbl, params.maxDets = [[0, 1e10]], ["all"], [MOST]
        evaluation.evaluate()
    results = np.array(evaluation.evalImgs, object).reshape(len(params.catIds), -1)
    return Matches(
        {
            category: _of_class(row)
            for category, row in zip(params.catIds, results, strict=True)
            if any(result is not None for result in row)
        },
        results.shape[1],
    )


def _coco(document: Document) -> Any:
    from pycocotools.coco import COCO

    coco = COCO()
    coco.dataset = document
    coco.createIndex()
    return coco


def _document(truth: Document, boxes: Boxes) -> Document:
    size = np.concatenate([boxes.xyxy[:, :2], boxes.xyxy[:, 2:] - boxes.xyxy[:, :2]], axis=1)
    columns = (boxes.image, boxes.category, size, boxes.score, boxes.area)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    names = ("image_id", "category_id", "bbox", "score", "area")
    annotations = [
        {"id": at, "iscrowd": 0, **dict(zip(names, row, strict=True))}
        for at, row in enumerate(rows, 1)
    ]
    return {key: truth[key] for key in ("images", "categories")} | {"annotations": annotations}


def _of_class(results: npt.NDArray[Any]) -> ClassMatches:
    """Join what pycocotools found in each image; None where the class is neither seen nor there."""
    some = [(at, result) for at, result in enumerate(results) if result is not None]
    image = np.repeat([at for at, _ in some], [len(result["dtIds"]) for _, result in some])
    score = np.concatenate([result["dtScores"] for _, result in some])
    order = np.argsort(-score, kind="stable")
    met = np.concatenate([result["dtMatches"] for _, result in some], axis=1)[:, order] > 0
    ignored = np.concatenate([result["dtIgnore"] for _, result in some], axis=1)[:, order] > 0
    objects = np.zeros(len(results), np.int64)
    objects[[at for at, _ in some]] = [int((result["gtIgnore"] == 0).sum()) for _, result in some]
    row = np.concatenate([result["dtIds"] for _, result in some]).astype(np.int64)[order] - 1
    return ClassMatches(row, image[order], met & ~ignored, ~met & ~ignored, objects)
