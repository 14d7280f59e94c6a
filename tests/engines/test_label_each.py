from __future__ import annotations

import numpy as np

from gleancam_engines.detections import Detections
from gleancam_engines.voting.label import Label
from gleancam_engines.voting.single import label_each


def seen(model_id: str, scores: list[float]) -> Detections:
    boxes = np.array([[at, 0, at + 1, 2] for at in range(len(scores))], np.float32)
    class_id = np.arange(len(scores), dtype=np.int32) % 2
    return Detections(
        boxes.reshape(-1, 4), np.array(scores, np.float32), class_id, ("a", "b"), model_id
    )


def test_each_box_is_a_label_of_its_own() -> None:
    assert label_each([seen("m@1", [0.75])], 0.5) == (
        Label((0.0, 0.0, 1.0, 2.0), "a", 0.75, 1, ("m@1",), 1, 1.0),
    )


def test_boxes_below_the_confidence_are_left_out_and_the_best_comes_first() -> None:
    labels = label_each([seen("m@1", [0.75, 0.5, 0.25]), seen("n@2", [1.0, 0.5])], 0.5)
    assert [(label.score, label.voters) for label in labels] == [
        (1.0, ("n@2",)),
        (0.75, ("m@1",)),
        (0.5, ("m@1",)),
        (0.5, ("n@2",)),
    ]


def test_nothing_seen_nothing_said() -> None:
    assert label_each([], 0.5) == ()
    assert label_each([seen("m@1", [])], 0.0) == ()
