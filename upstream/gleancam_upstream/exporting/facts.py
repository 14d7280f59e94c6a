"""What is known besides classes and boxes: by name, so that a format can say what it carries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gleancam.wire.sample_data import SampleData
from gleancam_upstream.exporting.picture import BoxLabel, Picture

UNCERTAINTY = ("risk", "bald", "entropy", "loc_spread", "informativeness")
LABEL_FACTS = frozenset(
    {
        *("score", "votes", "voters", "eligible", "mean_iou", "score_max", *UNCERTAINTY),
        *("degraded_quorum", "class_conflict", "state", "release"),
    }
)
"""Of a label."""
PICTURE_FACTS = frozenset(
    {"captured", "scene", "scene_label", "selection", "embedding", "evidence", "redactions"}
)
"""Of a picture; `evidence` are the members' raw boxes."""


def label_facts(picture: Picture, label: BoxLabel) -> dict[str, Any]:
    """Return every label fact but the score, with plain JSON values; None: not known."""
    return {
        "votes": label.votes,
        "voters": list(label.voters),
        "eligible": label.eligible,
        "mean_iou": label.mean_iou,
        "score_max": label.score_max,
        "risk": label.risk,
        "bald": label.bald,
        "entropy": label.entropy,
        "loc_spread": label.loc_spread,
        "informativeness": label.informativeness,
        "degraded_quorum": label.degraded_quorum,
        "class_conflict": label.class_conflict,
        "state": label.state,
        "release": picture.release,
    }


def known(picture: Picture, label: BoxLabel) -> Iterator[str]:
    """Name what this label says: not what an old device left out, and no flag that is not set."""
    yield "score"
    for name, value in label_facts(picture, label).items():
        alone = name == "mean_iou" and label.votes < 2
        if value is not None and value is not False and not alone:
            yield name


def picture_facts(data: SampleData) -> tuple[tuple[str, int], ...]:
    """Return how often a manifest has each picture fact: most have one, or none."""
    return (
        ("captured", 1),
        ("scene", 1),
        ("scene_label", int(data.scene.label is not None)),
        ("selection", 1),
        ("embedding", 1),
        ("evidence", sum(len(one.boxes) for one in data.evidence)),
        ("redactions", len(data.image.redactions)),
    )
