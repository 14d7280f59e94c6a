"""From one manifest to the picture that formats are given."""

from __future__ import annotations

import numpy as np

from gleancam.wire.sample_data import LabelData, SampleData
from gleancam_engines.voting.informativeness import informativeness, of_labels
from gleancam_engines.voting.label import Label
from gleancam_upstream.exporting.facts import picture_facts
from gleancam_upstream.exporting.names import checked_name
from gleancam_upstream.exporting.picture import BoxLabel, Picture
from gleancam_upstream.exporting.release import release_of
from gleancam_upstream.exporting.splits import split_of
from gleancam_upstream.exporting.wanted import Wanted
from gleancam_upstream.kept import Kept

DECIMALS = 4
DISTANCES = ("novel", "scene_change", "random")
"""Reasons whose score is a cosine distance to what had been kept."""


def picture_of(kept: Kept, wanted: Wanted) -> Picture:
    """Return a sample as a picture, with those of its labels that are wanted.

    How informative the picture is, all its labels say, wanted or not, but for the discarded.

    Raises:
        ExportError: a class name cannot be written.
    """
    data = kept.data
    alive = [label for label in data.labels if label.status != "discarded"]
    labels = [label for label in data.labels if not wanted.refusal(label)]
    shares = np.array([label.box for label in labels], np.float64).reshape(-1, 4)
    return Picture(
        sample_id=data.sample_id,
        camera=data.camera,
        captured=data.captured,
        scene=data.scene.id,
        split=split_of(data, wanted.splits),
        file_name=f"{data.camera}_{data.sample_id}.jpg",
        source=kept.image,
        width=data.image.width,
        height=data.image.height,
        shares=shares,
        labels=tuple(map(_box_label, labels, _informative(labels))),
        release=release_of(data.ensemble),
        informativeness=round(informativeness(list(map(_label, alive))), DECIMALS),
        novelty=_novelty(data),
        facts=picture_facts(data),
    )


def _informative(labels: list[LabelData]) -> list[float]:
    shares: list[float] = np.round(of_labels(list(map(_label, labels))), DECIMALS).tolist()
    return shares


def _label(label: LabelData) -> Label:
    """The label as it was voted; what an older device left out follows from its score."""
    return Label(
        xyxy=label.box,
        class_name=label.class_name,
        score=label.score,
        votes=label.votes,
        voters=label.voters,
        eligible=label.eligible,
        mean_iou=label.mean_iou,
        score_max=label.score if label.score_max is None else label.score_max,
        risk=1 - label.score if label.risk is None else label.risk,
        bald=label.bald,
        entropy=label.entropy,
        loc_spread=1 - label.mean_iou if label.loc_spread is None else label.loc_spread,
    )


def _box_label(label: LabelData, informativeness: float) -> BoxLabel:
    return BoxLabel(
        class_name=checked_name(label.class_name),
        score=label.score,
        votes=label.votes,
        voters=label.voters,
        eligible=label.eligible,
        mean_iou=label.mean_iou,
        score_max=label.score_max,
        risk=label.risk,
        bald=label.bald,
        entropy=label.entropy,
        loc_spread=label.loc_spread,
        informativeness=informativeness,
        degraded_quorum=label.degraded_quorum,
        class_conflict=label.class_conflict,
        state=label.status,
    )


def _novelty(data: SampleData) -> float | None:
    """The selection's score where it is a distance: of other reasons it is something else."""
    return data.selection.score if data.selection.reason.value in DISTANCES else None
