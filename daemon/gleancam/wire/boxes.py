"""Boxes on the wire: shares of the frame, rounded; labels and evidence alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam.wire.sample_data import EvidenceData, LabelData
from gleancam_engines.detections import Detections
from gleancam_engines.voting.label import Label

DECIMALS = 4

WireBox = tuple[float, float, float, float]


def wire_boxes(xyxy: npt.NDArray[np.float32], width: int, height: int) -> tuple[WireBox, ...]:
    """Return `(N, 4)` pixel corners as shares of the frame, clipped to it, rounded to 1e-4."""
    shares = xyxy.astype(np.float64) / (width, height, width, height)
    rows = np.round(shares.clip(0, 1), DECIMALS).tolist()
    return tuple(map(tuple, rows))


def label_data(labels: tuple[Label, ...], width: int, height: int) -> tuple[LabelData, ...]:
    """Return labels of a `width` by `height` frame as they are sent."""
    corners = np.array([label.xyxy for label in labels], np.float32).reshape(-1, 4)
    boxes = wire_boxes(corners, width, height)
    return tuple(_label(label, box) for label, box in zip(labels, boxes, strict=True))


def _label(label: Label, box: WireBox) -> LabelData:
    return LabelData(
        box=box,
        class_name=label.class_name,
        score=round(label.score, DECIMALS),
        votes=label.votes,
        voters=label.voters,
        eligible=label.eligible,
        mean_iou=round(label.mean_iou, DECIMALS),
        status=label.status,
    )


def evidence_data(detections: Detections, width: int, height: int) -> EvidenceData:
    """Return one model's raw boxes on a `width` by `height` frame as they are sent."""
    names = np.array(detections.class_names, dtype=object)
    return EvidenceData(
        model_id=detections.model_id,
        boxes=wire_boxes(detections.xyxy, width, height),
        scores=tuple(np.round(detections.score.astype(np.float64), DECIMALS).tolist()),
        classes=tuple(names[detections.class_id].tolist()),
    )


def rounded_box(box: WireBox) -> WireBox:
    """Return a box in shares of the frame, rounded to 1e-4."""
    x1, y1, x2, y2 = (round(each, DECIMALS) for each in box)
    return x1, y1, x2, y2
