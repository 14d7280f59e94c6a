"""How boxes become labels: strategy, thresholds, and where the box and the score come from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Strategy: TypeAlias = Literal["affirmative", "consensus", "unanimous", "quorum", "wbf"]
BoxRule: TypeAlias = Literal["best", "weighted"]
ConfidenceType: TypeAlias = Literal["avg", "max", "box_and_model_avg", "absent_model_aware_avg"]
Compat: TypeAlias = Literal["", "onepanel"]

WBF_IOU = 0.7
GROUP_IOU = 0.5


@dataclass(frozen=True, slots=True)
class Rules:
    """How boxes become labels.

    Attributes:
        iou: overlap above which two boxes show one object; None: 0.7 for wbf, 0.5 for the others.
        iou_nms: overlap above which the weaker of two boxes of one member and class goes; 1: none.
        quorum: votes that the strategy of that name wants.
        box: of a group: the best, or the mean by weight and score. wbf has its own.
        conf_type: how wbf makes a score.
        label_confidence: a label needs a box of at least this score, 0…1; fainter ones, if they
            vote at all, only support it.
        compat: whose published code to reproduce instead, with its defects.

    Raises:
        ValueError: a word is none of those above, an overlap or a score is outside 0…1, or `quorum`
            is below 1.
    """

    strategy: Strategy = "wbf"
    iou: float | None = None
    iou_nms: float = 0.6
    quorum: int = 2
    box: BoxRule = "weighted"
    conf_type: ConfidenceType = "avg"
    label_confidence: float = 0.0
    compat: Compat = ""

    def __post_init__(self) -> None:
        for name, word, known in (
            ("strategy", self.strategy, get_args(Strategy)),
            ("box", self.box, get_args(BoxRule)),
            ("conf_type", self.conf_type, get_args(ConfidenceType)),
            ("compat", self.compat, get_args(Compat)),
        ):
            if word not in known:
                raise ValueError(f"rules: {name} is {word!r}, but must be one of {known}")
        for name, share in (
            ("iou", self.overlap),
            ("iou_nms", self.iou_nms),
            ("label_confidence", self.label_confidence),
        ):
            if not 0 <= share <= 1:
                raise ValueError(f"rules: {name} is {share}, but must lie in 0…1")
        if self.quorum < 1:
            raise ValueError(f"rules: quorum is {self.quorum}, but must be at least 1 vote")
        if self.compat and self.strategy not in {"affirmative", "consensus", "unanimous"}:
            raise ValueError(
                f"rules: compat {self.compat!r} knows no strategy {self.strategy!r}; "
                "take affirmative, consensus or unanimous"
            )

    @property
    def overlap(self) -> float:
        """Give `iou`, or what stands for it."""
        if self.iou is not None:
            return self.iou
        return WBF_IOU if self.strategy == "wbf" else GROUP_IOU

    def vote_confidence(self, raw_confidence: float) -> float:
        """Give the score from which a box votes where nothing else is said.

        For wbf, all raw boxes: its score tells a faint vote from a sure one. Where votes are
        counted, one as sure as a label must be.
        """
        if self.strategy == "wbf":
            return raw_confidence
        return max(raw_confidence, self.label_confidence)

    def votes_wanted(self, eligible: int) -> int:
        """Give the least votes of a label whose class `eligible` members could have named."""
        if self.strategy == "consensus":
            return math.floor(eligible / 2) + 1
        if self.strategy == "unanimous":
            return eligible
        return self.quorum if self.strategy == "quorum" else 1


DEFAULT_RULES = Rules()
