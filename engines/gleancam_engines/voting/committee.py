"""Several members, one answer: what a committee is, and what it says about a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from gleancam_engines.voting.calibration import UNCALIBRATED, Calibration
from gleancam_engines.voting.evidence import Evidence
from gleancam_engines.voting.label import Label
from gleancam_engines.voting.ontology import Ontology

Strategy: TypeAlias = Literal["affirmative", "consensus", "unanimous", "quorum", "wbf"]
BoxRule: TypeAlias = Literal["best", "weighted"]
ConfidenceType: TypeAlias = Literal["avg", "max", "box_and_model_avg", "absent_model_aware_avg"]
Compat: TypeAlias = Literal["", "onepanel"]


@dataclass(frozen=True, slots=True)
class Rules:
    """How boxes become labels.

    Attributes:
        iou: overlap above which two boxes show one object; None: 0.7 for wbf, 0.5 for the others.
        iou_nms: overlap above which the weaker of two boxes of one member and class goes.
        quorum: votes that the strategy of that name wants.
        box: of a group: the best, or the mean by weight and score. wbf has its own.
        conf_type: how wbf makes a score.
        compat: whose published code to reproduce instead, with its defects.
    """

    strategy: Strategy = "wbf"
    iou: float | None = None
    iou_nms: float = 0.6
    quorum: int = 2
    box: BoxRule = "weighted"
    conf_type: ConfidenceType = "avg"
    compat: Compat = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One voter: a model, or a test-time variant of one.

    Attributes:
        member_id: `name@sha256[:12]`, with `+hflip` and the like for a variant.
        vocabulary: every class it can emit, by class id.
        weight: above 0.
    """

    member_id: str
    vocabulary: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a committee says about one frame.

    Attributes:
        labels: best score first; the order depends on neither file nor model order.
        degraded_quorum: a member that is configured for this frame timed out or failed.
        unmapped: how many boxes of each (member id, name) no canonical class stands for.
        dropped: how many were no boxes, by reason: not_finite, score, empty.
    """

    labels: tuple[Label, ...]
    degraded_quorum: bool
    unmapped: Mapping[tuple[str, str], int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Committee:
    """Who votes on what, and how.

    Raises:
        ValueError: two members have one id, a weight is not above 0, or `quorum` is below 1.
    """

    members: tuple[Member, ...]
    ontology: Ontology
    rules: Rules = Rules()
    calibration: Calibration = UNCALIBRATED

    def vote(self, evidence: Sequence[Evidence]) -> Verdict:
        """Make labels of what the members said; members without evidence count as `skipped`.

        Raises:
            ValueError: evidence of somebody who is no member, or two of one.
        """
        raise NotImplementedError
