"""The keys of `[labels]`: how boxes of several detectors become labels."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gleancam.config.scalars import Seconds, Section, Share

Positive = Annotated[float, Meta(gt=0)]
Weight = Annotated[float, Meta(ge=0)]
ClassName = Annotated[str, Meta(min_length=1)]
Source = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*:.+\Z")]
Variant = Annotated[
    str, Meta(pattern=r"^(none|hflip|gamma(?!1\Z)([1-9]|(0|[1-9])\.[0-9]?[1-9]))\Z")
]


class CanonicalClass(Section, frozen=True, kw_only=True):
    """A class of ours.

    Attributes:
        sources: what detectors call it, each as `yolox-nano:person`.
        confidence: boxes of it with a lower score do not vote; absent: labels.confidence.
    """

    sources: Annotated[tuple[Source, ...], Meta(min_length=1)]
    confidence: Share | None = None


class Member(Section, frozen=True, kw_only=True):
    """How one of models.detectors votes.

    Attributes:
        weight: of its scores, relative to the others'; absent: the AP in its manifest where all
            detectors have one, else 1.
        variants: what it is shown; each is a member of its own. `none`: the picture as it is.
        only: zero-shot names of frames on which it runs, or `unknown`; absent: on all.
        timeout_s: frames that wait for it when it has run for so long are labelled without it.
    """

    weight: Positive | None = None
    variants: Annotated[tuple[Variant, ...], Meta(min_length=1)] = ("none",)
    only: Annotated[tuple[str, ...], Meta(min_length=1)] | None = None
    timeout_s: Seconds | None = None


class InformativenessWeights(Section, frozen=True, kw_only=True):
    """What each number counts where a label's informativeness is `weighted`."""

    entropy: Weight = 1.0
    bald: Weight = 1.0
    loc_spread: Weight = 0.0


class Informativeness(Section, frozen=True, kw_only=True):
    """How much there is to learn from a label, and from a frame.

    Attributes:
        label: `entropy` of the calibrated score; `bald`: whether members disagree that it is
            there; `weighted`: the mean of these and of `loc_spread`.
        weights: of that mean.
        image: of a frame's labels: the `max`, `mean`, `sum`, or `topk_mean` of the `top` highest.
    """

    label: Literal["entropy", "bald", "weighted"] = "entropy"
    weights: InformativenessWeights = msgspec.field(default_factory=InformativenessWeights)
    image: Literal["max", "mean", "sum", "topk_mean"] = "max"
    top: Annotated[int, Meta(ge=1)] = 3


class Labels(Section, frozen=True, kw_only=True):
    """How boxes of several detectors become labels.

    Attributes:
        strategy: who must have seen an object: `affirmative`: anyone, `consensus`: more than half
            of those that can see its class, `unanimous`: all of them, `quorum`: so many; `wbf`:
            anyone, boxes and scores fused by weight.
        quorum: votes that the strategy of that name wants.
        confidence: boxes with a lower score do not vote; absent: models.raw_confidence for wbf,
            whose scores tell faint votes from sure ones, else models.confidence.
        iou: overlap above which two boxes show one object; absent: 0.7 for wbf, else 0.5.
        iou_nms: overlap above which the weaker of two boxes of one detector and class goes.
        box: of an object: the `best`, or the mean by weight and score. wbf has its own.
        conf_type: how wbf makes a score.
        compat: `onepanel`: the published ensembling code, for migration, with its defects.
        ontology: canonical classes, in order. Empty: every detector's names mean themselves.
        members: of the detectors that vote otherwise than by default.
    """

    strategy: Literal["affirmative", "consensus", "unanimous", "quorum", "wbf"] = "wbf"
    quorum: Annotated[int, Meta(ge=1)] = 2
    confidence: Share | None = None
    iou: Share | None = None
    iou_nms: Share = 0.6
    box: Literal["best", "weighted"] = "weighted"
    conf_type: Literal["avg", "max", "box_and_model_avg", "absent_model_aware_avg"] = "avg"
    compat: Literal["", "onepanel"] = ""
    informativeness: Informativeness = msgspec.field(default_factory=Informativeness)
    ontology: dict[ClassName, CanonicalClass] = msgspec.field(default_factory=dict)
    members: dict[str, Member] = msgspec.field(default_factory=dict)
