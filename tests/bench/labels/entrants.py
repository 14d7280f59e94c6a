"""Ways of making labels of what three detectors saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bench.labels.boxes import Boxes, joined
from bench.labels.members import Model
from bench.labels.photographs import Truth
from bench.labels.settings import Setting
from gleancam_engines.detectors.nms import suppress
from gleancam_engines.voting.committee import Committee, Member, Rules
from gleancam_engines.voting.evidence import Evidence
from gleancam_engines.voting.ontology import same_names

DEFAULT = "wbf 0.7, weights by published AP (the default)"
UNION = "NMS of the union"
IOU_NMS = 0.6
"""The product's, for one member's boxes."""


def committees(models: Sequence[Model], setting: Setting) -> Mapping[str, Committee]:
    """Return every way that is a vote, by name."""
    rules = {
        DEFAULT: Rules(),
        "wbf 0.55, weights by published AP": Rules(iou=0.55),
        **{
            f"{_told(strategy)}, {box} box": Rules(strategy=strategy, box=box)
            for strategy in ("affirmative", "consensus", "unanimous", "quorum")
            for box in ("weighted", "best")
        },
    }
    equal = {
        "wbf 0.7, equal weights": Rules(),
        "wbf 0.55, equal weights": Rules(iou=0.55),
        "affirmative, weighted box, equal weights": Rules(strategy="affirmative"),
        **{
            f"onepanel, {strategy}": Rules(strategy=strategy, compat="onepanel")
            for strategy in ("affirmative", "consensus", "unanimous")
        },
    }
    return {
        **{name: committee(models, one, setting) for name, one in rules.items()},
        **{name: committee(models, one, setting, equal=True) for name, one in equal.items()},
    }


def committee(
    models: Sequence[Model], rules: Rules, setting: Setting, *, equal: bool = False
) -> Committee:
    """Return the three, weighted by how good their makers say they are or equally."""
    manifests = [model.manifest for model in models]
    names = [(one.name, one.class_names) for one in manifests]
    members = (
        Member(one.model_id, one.class_names, 1.0 if equal else model.published)
        for one, model in zip(manifests, models, strict=True)
    )
    counted = replace(rules, label_confidence=setting.labels)
    return Committee(tuple(members), same_names(names, setting.boxes), counted)


def alone(evidence: Sequence[Evidence], truth: Truth, confidence: float = 0.0) -> Boxes:
    """Return what one detector says by itself."""
    parts = []
    for one, seen in zip(truth.photographs, evidence, strict=True):
        sure = seen.score >= confidence
        size = np.array([one.width, one.height] * 2)
        category = seen.class_id[sure].astype(np.int64) + 1
        xyxy, score = seen.xyxy[sure] * size, seen.score[sure]
        parts.append(Boxes(np.full(len(score), one.id), category, xyxy, score))
    return joined(parts)


def union(frames: Sequence[Sequence[Evidence]], truth: Truth, confidence: float = 0.0) -> Boxes:
    """Return all boxes of all detectors but those that a better one overlaps."""
    parts = [
        joined([alone([one], _only(truth, at), confidence) for one in frame])
        for at, frame in enumerate(frames)
    ]
    return joined([_suppressed(part) for part in parts])


def _only(truth: Truth, at: int) -> Truth:
    return Truth((truth.photographs[at],), {}, truth.names)


def _suppressed(boxes: Boxes) -> Boxes:
    kept = suppress(
        boxes.xyxy.astype(np.float32),
        boxes.score.astype(np.float32),
        boxes.category.astype(np.int32),
        IOU_NMS,
    )
    return Boxes(boxes.image[kept], boxes.category[kept], boxes.xyxy[kept], boxes.score[kept])


def _told(strategy: str) -> str:
    return "quorum of 2" if strategy == "quorum" else strategy
