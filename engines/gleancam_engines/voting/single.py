"""No vote: every box is a label of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gleancam_engines.detections import Detections
from gleancam_engines.voting.label import Label


def label_each(evidence: Sequence[Detections], confidence: float) -> tuple[Label, ...]:
    """Return a label for each box with a score of at least `confidence`, best score first.

    Each has one vote, of the model that saw it, out of one. Equal scores keep their order.
    """
    labels = [label for one in evidence for label in _labels(one, confidence)]
    return tuple(sorted(labels, key=lambda label: -label.score))


def _labels(seen: Detections, confidence: float) -> list[Label]:
    sure = np.flatnonzero(seen.score >= confidence)
    rows = zip(
        seen.xyxy[sure].tolist(), seen.score[sure].tolist(), seen.class_id[sure], strict=True
    )
    return [
        Label(
            xyxy=(x1, y1, x2, y2),
            class_name=seen.class_names[class_id],
            score=score,
            votes=1,
            voters=(seen.model_id,),
            eligible=1,
            mean_iou=1.0,
        )
        for (x1, y1, x2, y2), score, class_id in rows
    ]
