"""Every way of joining what detectors saw, on made evidence, without a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.labels.boxes import Boxes
from bench.labels.comparison import comparison
from bench.labels.entrants import DEFAULT, UNION, alone
from bench.labels.labelled import labelled
from bench.labels.members import Model
from bench.labels.photographs import Photograph, Truth
from bench.labels.recall import curve_of, equal_recall
from bench.labels.resampling import resamples
from bench.labels.settings import BACKED, RAW, USUAL
from bench.labels.votes import Entrant, Frames, singles, together
from gleancam_engines import catalogue
from gleancam_engines.manifest import load
from gleancam_engines.vocabularies import COCO_80
from gleancam_engines.voting.evidence import Evidence

IMAGES = 10
NAMES = ("yolox-nano", "picodet-416")
MODELS = tuple(Model(Path(), load(catalogue.find(name))) for name in NAMES)
SIZE = np.array([200.0, 100.0, 200.0, 100.0])


def truth_and_frames(seed: int) -> tuple[Truth, Frames]:
    """One object an image, which each member finds three times of four, and a ghost for one."""
    rng = np.random.default_rng(seed)
    photographs = tuple(Photograph(at, Path(), 200, 100) for at in range(1, IMAGES + 1))
    annotations, frames = [], []
    for at in range(1, IMAGES + 1):
        corner = rng.uniform(0.1, 0.4, 2)
        xyxy = np.concatenate([corner, corner + 0.4])
        x1, y1, x2, y2 = (xyxy * SIZE).tolist()
        annotations.append(
            {"id": at, "image_id": at, "category_id": 1, "bbox": [x1, y1, x2 - x1, y2 - y1]}
            | {"area": (x2 - x1) * (y2 - y1), "iscrowd": 0}
        )
        frames.append([evidence(model, xyxy, rng) for model in MODELS])
    images = [{"id": one.id, "width": 200, "height": 100} for one in photographs]
    categories = [{"id": at, "name": name} for at, name in enumerate(COCO_80, 1)]
    document = {"images": images, "annotations": annotations, "categories": categories}
    return Truth(photographs, document, COCO_80), frames


def evidence(
    model: Model, xyxy: np.ndarray[tuple[int], np.dtype[np.float64]], rng: np.random.Generator
) -> Evidence:
    rows = [xyxy + rng.normal(0, 0.01, 4)] if rng.random() < 0.75 else []
    rows.append(np.array([0.7, 0.7, 0.9, 0.95]))  # a ghost, seen faintly
    score = np.array([*rng.uniform(0.3, 0.9, len(rows) - 1), rng.uniform(0.05, 0.35)])
    return Evidence(
        model.manifest.model_id,
        model.manifest.class_names,
        np.round(np.array(rows).clip(0, 1), 4),
        np.round(score, 4),
        np.zeros(len(rows), np.int32),
    )


def entrants(seed: int = 0) -> tuple[Truth, dict[str, Entrant]]:
    truth, frames = truth_and_frames(seed)
    return truth, {
        **singles(MODELS, frames, truth, RAW),
        **together(MODELS, frames, truth, RAW),
    }


def test_boxes_of_a_detector_alone_are_in_pixels() -> None:
    truth, frames = truth_and_frames(1)
    boxes = alone([frame[0] for frame in frames], truth, 0.3)
    assert (boxes.score >= 0.3).all()
    first = boxes.xyxy[boxes.image == 1]
    assert first.max() > 1
    assert set(boxes.category.tolist()) == {1}


def test_the_union_keeps_the_better_of_two_on_one_object() -> None:
    _, everyone = entrants()
    union = everyone[UNION].boxes
    both = sum(len(everyone[name].boxes) for name in NAMES)
    assert len(union) < both
    tops = [everyone[name].boxes.score.max() for name in NAMES]
    assert union.score.max() == pytest.approx(max(tops))


@pytest.mark.parametrize("seed", range(3))
def test_everybody_is_compared_on_the_same_resamples(seed: int) -> None:
    truth, everyone = entrants(seed)
    found = comparison(everyone, NAMES, truth, RAW, resamples(IMAGES, 100))
    by_name = {row.name: row for row in found.rows}
    assert by_name.keys() == everyone.keys()
    assert by_name[found.best].gain is None
    assert by_name[found.best].ap.value == max(by_name[name].ap.value for name in NAMES)
    gain = by_name[DEFAULT].gain
    assert gain is not None
    assert gain.value == pytest.approx(by_name[DEFAULT].ap.value - by_name[found.best].ap.value)


def test_settings_take_fewer_boxes_or_fewer_labels() -> None:
    truth, frames = truth_and_frames(2)
    votes = [
        together(MODELS, frames, truth, setting)[DEFAULT].labels for setting in (RAW, USUAL, BACKED)
    ]
    every, sure, backed = ([label for each in vote for label in each] for vote in votes)
    assert len(every) > len(backed) == len(sure)
    assert all(label.score_max >= 0.3 for label in (*sure, *backed))
    assert sum(label.votes for label in backed) > sum(label.votes for label in sure)


def test_labels_are_judged_in_their_columns() -> None:
    truth, everyone = entrants()
    found = labelled(everyone[DEFAULT].labels, truth)
    ghosts = found.doubts["1 - score_max"] > 0.65
    assert not found.right[ghosts].any()
    assert found.right.any()
    assert found.doubts["risk"] == pytest.approx(1 - found.score)
    assert len(found.judged) == len(found) == len(everyone[DEFAULT].boxes)


def test_at_its_own_recall_a_curve_has_its_own_precision() -> None:
    truth, everyone = entrants()
    boxes = everyone[DEFAULT].boxes
    mine = curve_of(boxes, truth)
    better = Boxes(boxes.image[:0], boxes.category[:0], boxes.xyxy[:0], boxes.score[:0])
    (row,) = equal_recall({"mine": boxes}, mine, curve_of(better, truth), truth)
    at = int(np.argmax(mine.recall))
    assert row.single == pytest.approx(mine.precision[at])
    assert row.fused is None
    assert row.recall == mine.recall[-1]
