"""One object in one frame, as the detectors together describe it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """An answer with the evidence counts behind it.

    Attributes:
        xyxy: corners in pixels of the source frame.
        class_name: canonical class.
        score: 0…1.
        votes: distinct models that saw it.
        voters: their model ids.
        eligible: models that could have seen this class.
        mean_iou: mean pairwise IoU of the voters' boxes; 1.0 for a single voter.
        status: `generated` on the device; review changes it upstream.
    """

    xyxy: tuple[float, float, float, float]
    class_name: str
    score: float
    votes: int
    voters: tuple[str, ...]
    eligible: int
    mean_iou: float
    status: str = "generated"
