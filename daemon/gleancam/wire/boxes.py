"""Boxes on the wire: shares of the frame, rounded; labels and evidence alike."""

from __future__ import annotations

import numpy as np

from gleancam.wire.error import WireError
from gleancam.wire.sample_data import EvidenceData, LabelData
from gleancam_engines.voting.committee import Member
from gleancam_engines.voting.evidence import DECIMALS, Evidence
from gleancam_engines.voting.label import Label

WireBox = tuple[float, float, float, float]


def label_data(labels: tuple[Label, ...]) -> tuple[LabelData, ...]:
    """Return the labels of a frame as they are sent.

    A score above 1, which `compat` can give, is sent as 1.
    """
    return tuple(map(_label, labels))


def evidence_data(evidence: Evidence) -> EvidenceData:
    """Return one member's raw boxes as they are sent: the numbers as they are."""
    names = np.array(evidence.vocabulary, dtype=object)
    return EvidenceData(
        model_id=evidence.member_id,
        boxes=tuple(map(tuple, evidence.xyxy.tolist())),
        scores=tuple(evidence.score.tolist()),
        classes=tuple(names[evidence.class_id].tolist()),
        status=evidence.status,
    )


def evidence_of_data(data: EvidenceData, member: Member) -> Evidence:
    """Return the evidence that was sent; `evidence_data` of it gives the same bytes.

    Raises:
        WireError: it is another member's, its columns differ in length, a class is not in the
            member's vocabulary, or there are boxes of a member that did not answer.
    """
    numbers = {name: at for at, name in enumerate(member.vocabulary)}
    if data.model_id != member.member_id:
        raise WireError(f"evidence of {data.model_id} is none of {member.member_id}")
    if strange := sorted(set(data.classes) - set(numbers)):
        raise WireError(f"{data.model_id} saw {strange[0]!r}, which is none of its classes")
    try:
        return Evidence(
            member.member_id,
            member.vocabulary,
            np.array(data.boxes, np.float64).reshape(-1, 4),
            np.array(data.scores, np.float64),
            np.array([numbers[name] for name in data.classes], np.int32),
            data.status,
        )
    except ValueError as error:
        raise WireError(f"evidence of {data.model_id}: {error}") from error


def rounded_box(box: WireBox) -> WireBox:
    """Return a box in shares of the frame, rounded to 1e-4."""
    x1, y1, x2, y2 = (round(each, DECIMALS) for each in box)
    return x1, y1, x2, y2


def _label(label: Label) -> LabelData:
    return LabelData(
        box=rounded_box(label.xyxy),
        class_name=label.class_name,
        score=_share(label.score),
        votes=label.votes,
        voters=label.voters,
        eligible=label.eligible,
        mean_iou=_share(label.mean_iou),
        score_max=_share(label.score_max),
        risk=_share(label.risk),
        bald=None if label.bald is None else _share(label.bald),
        entropy=None if label.entropy is None else _share(label.entropy),
        loc_spread=_share(label.loc_spread),
        degraded_quorum=label.degraded_quorum,
        class_conflict=label.class_conflict,
        status=label.status,
    )


def _share(number: float) -> float:
    return round(min(max(number, 0.0), 1.0), DECIMALS)
