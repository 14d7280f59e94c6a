"""One object in one frame, as the detectors together describe it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """An answer with the evidence counts behind it.

    Attributes:
        xyxy: corners as shares of the frame, 0…1.
        class_name: canonical class.
        score: 0…1.
        votes: distinct members that saw it.
        voters: their ids, in alphabetical order.
        eligible: members that could have seen this class, and looked.
        mean_iou: mean pairwise IoU of the voters' boxes; 1.0 for a single voter.
        score_max: the highest score among the voters, 0…1.
        risk: 1 - calibrated score: is this label wrong?
        bald: do the members disagree that it is there, 0…1; None with one eligible member.
        entropy: h(score) / ln 2, 0…1, where `bald` is None; None elsewhere.
        loc_spread: 1 - `mean_iou`: do they disagree where it is?
        degraded_quorum: fewer members were eligible than are configured for this class.
        class_conflict: another class lies on the same object.
        status: `generated` on the device; review changes it upstream.
    """

    xyxy: tuple[float, float, float, float]
    class_name: str
    score: float
    votes: int
    voters: tuple[str, ...]
    eligible: int
    mean_iou: float
    score_max: float
    risk: float
    bald: float | None
    entropy: float | None
    loc_spread: float
    degraded_quorum: bool = False
    class_conflict: bool = False
    status: str = "generated"
