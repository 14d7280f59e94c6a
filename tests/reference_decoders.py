"""The detectors' output layouts once more: in plain Python, one box at a time, from their text.

Nothing here comes from the package: a mistake would have to be made twice to go unseen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Numbers = Sequence[float]
Row = tuple[float, int, tuple[float, ...]]
"""Score, class, (x1, y1, x2, y2)."""


@dataclass(frozen=True)
class Fit:
    """How a frame lies in an input."""

    frame: tuple[int, int]
    size: tuple[int, int]
    mode: str
    anchor: str

    def into_input(self, box: Numbers) -> list[float]:
        scale, origin = self._scale_and_origin()
        return [box[at] * scale[at % 2] + origin[at % 2] for at in range(4)]

    def into_frame(self, box: Numbers) -> list[float]:
        scale, origin = self._scale_and_origin()
        return [(box[at] - origin[at % 2]) / scale[at % 2] for at in range(4)]

    def _scale_and_origin(self) -> tuple[tuple[float, float], tuple[int, int]]:
        (width, height), (columns, rows) = self.frame, self.size
        if self.mode == "squash":
            return (columns / width, rows / height), (0, 0)
        if columns * height < rows * width:
            inner = (columns, max(1, round(height * columns / width)))
        else:
            inner = (max(1, round(width * rows / height)), rows)
        spare = ((columns - inner[0]) // 2, (rows - inner[1]) // 2)
        scale = (inner[0] / width, inner[1] / height)
        return scale, (0, 0) if self.anchor == "corner" else spare


def yolov8(columns: Sequence[Numbers], least: float, fit: Fit) -> list[Row]:
    rows: list[Row] = []
    for anchor in range(len(columns[0])):
        x, y, width, height, *scores = (column[anchor] for column in columns)
        score = max(scores)
        if score >= least:
            box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            rows.append((score, scores.index(score), box))
    return finish(greedy(rows, 0.7), fit)


def end_to_end(table: Sequence[Numbers], least: float, fit: Fit) -> list[Row]:
    rows = [(row[4], int(row[5]), tuple(row[:4])) for row in table if row[4] >= least]
    return finish(rows, fit)


def detr(
    logits: Sequence[Numbers], boxes: Sequence[Numbers], least: float, fit: Fit, ids: Sequence[int]
) -> list[Row]:
    pairs = []
    for query, numbers in enumerate(logits):
        for column, logit in enumerate(numbers):
            if column in ids:
                pairs.append((1 / (1 + math.exp(-logit)), ids.index(column), query))
    pairs.sort(reverse=True)
    width, height = fit.size
    rows: list[Row] = []
    for score, class_id, query in pairs[:300]:
        x, y, w, h = boxes[query]
        if score >= least:
            x1, x2 = (x - w / 2) * width, (x + w / 2) * width
            rows.append((score, class_id, (x1, (y - h / 2) * height, x2, (y + h / 2) * height)))
    return finish(rows, fit)


def ssd(
    boxes: Sequence[Numbers],
    classes: Numbers,
    scores: Numbers,
    least: float,
    fit: Fit,
    ids: Sequence[int],
) -> list[Row]:
    width, height = fit.size
    rows: list[Row] = []
    for (top, left, bottom, right), number, score in zip(boxes, classes, scores, strict=True):
        if score >= least and number in ids:
            box = (left * width, top * height, right * width, bottom * height)
            rows.append((score, ids.index(int(number)), box))
    return finish(rows, fit)


def greedy(rows: Iterable[Row], most: float) -> list[Row]:
    kept: list[Row] = []
    for row in sorted(rows, key=lambda row: -row[0]):
        if all(row[1] != one[1] or overlap(row[2], one[2]) <= most for one in kept):
            kept.append(row)
    return kept


def overlap(one: Numbers, other: Numbers) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


def finish(rows: Iterable[Row], fit: Fit) -> list[Row]:
    """Bring boxes to the frame, cut them at its border, and order them."""
    done: list[Row] = []
    for score, class_id, box in rows:
        x1, y1, x2, y2 = fit.into_frame(box)
        cut = (max(x1, 0.0), max(y1, 0.0), min(x2, fit.frame[0]), min(y2, fit.frame[1]))
        if cut[0] < cut[2] and cut[1] < cut[3]:
            done.append((score, class_id, cut))
    return sorted(done, key=lambda row: -row[0])
