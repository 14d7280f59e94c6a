"""From which score on what counts, and what becomes a label."""

from __future__ import annotations

from dataclasses import dataclass

from bench.labels.members import RAW_CONFIDENCE


@dataclass(frozen=True, slots=True)
class Setting:
    """Which labels are judged.

    Attributes:
        boxes: a member's box counts in the vote from this score on.
        labels: a label counts if one of its boxes has this score.
    """

    name: str
    boxes: float
    labels: float


RAW = Setting("all", RAW_CONFIDENCE, RAW_CONFIDENCE)
USUAL = Setting("sure boxes", 0.3, 0.3)
BACKED = Setting("sure labels", RAW_CONFIDENCE, 0.3)
SETTINGS = (RAW, USUAL, BACKED)
"""All that the device keeps; its default where votes are counted; its default for wbf."""
