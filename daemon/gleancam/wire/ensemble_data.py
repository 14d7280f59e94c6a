"""How the members' boxes became labels: enough of it to vote again from the manifest alone."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from gleancam.wire.codec import readable
from gleancam.wire.fields import Payload, Share
from gleancam_engines.voting.committee import BoxRule, Compat, ConfidenceType, Strategy
from gleancam_engines.voting.evidence import Status

MemberId = Annotated[
    str,
    Meta(
        description="name@first 12 hex digits of the file's SHA-256; +hflip, +gamma0.7 and the "
        "like for a test-time variant."
    ),
]
MemberStatus = Annotated[
    Status, Meta(description="ok; skipped: not asked; timeout and failed: asked, no answer.")
]


class RulesData(Payload, frozen=True, kw_only=True):
    """How boxes become labels."""

    strategy: Annotated[Strategy, Meta(description="Voting rule.")] = "wbf"
    iou: Annotated[
        Share | None,
        Meta(description="Boxes that overlap more show one object; null: the strategy's own."),
    ] = None
    iou_nms: Annotated[
        Share, Meta(description="Of a member's boxes of a class that overlap more, the best stays.")
    ] = 0.6
    quorum: Annotated[int, Meta(ge=1, description="Votes that strategy `quorum` wants.")] = 2
    box: Annotated[BoxRule, Meta(description="Which box a group gives.")] = "weighted"
    conf_type: Annotated[ConfidenceType, Meta(description="How wbf makes a score.")] = "avg"
    label_confidence: Annotated[
        Share, Meta(description="A label has a box of at least this score.")
    ] = 0.0
    compat: Annotated[Compat, Meta(description="Whose published code is reproduced, if any.")] = ""


class MemberData(Payload, frozen=True, kw_only=True):
    """One voter."""

    id: MemberId
    weight: Annotated[float, Meta(gt=0, description="Of its scores, relative to the others'.")]
    classes: Annotated[
        str | tuple[str, ...],
        Meta(description="What it can see: names, or the name of a known list such as coco-80."),
    ]
    status: MemberStatus = "ok"


class ClassData(Payload, frozen=True, kw_only=True):
    """A canonical class."""

    class_name: Annotated[str, Meta(description="As in labels.")] = msgspec.field(name="class")
    sources: Annotated[
        tuple[Annotated[str, Meta(pattern="^[^:]+:")], ...],
        Meta(description="What models call it, each `model:name`."),
    ]
    confidence: Annotated[Share, Meta(description="Boxes of it with a lower score do not vote.")]


class CurveData(Payload, frozen=True, kw_only=True):
    """From a score to the probability that the label is right."""

    temperature: Annotated[float, Meta(gt=0, description="sigmoid(logit(score) / it).")] = 1.0
    knots: Annotated[
        tuple[tuple[Share, Share], ...],
        Meta(description="(score, probability), linear between; empty: the temperature holds."),
    ] = ()


class CalibrationData(Payload, frozen=True, kw_only=True):
    """Curves by canonical class."""

    common: Annotated[CurveData, Meta(description="Of classes without their own.")]
    by_class: Annotated[dict[str, CurveData], Meta(description="The others'.")] = {}  # noqa: RUF012 - msgspec copies it


@readable
class EnsembleData(Payload, frozen=True, kw_only=True):
    """How the members' boxes became labels."""

    strategy: Annotated[str, Meta(description="Voting rule; single where nothing was voted on.")]
    models: Annotated[
        tuple[MemberId, ...], Meta(description="All that are configured, answering or not.")
    ]
    degraded_quorum: Annotated[bool, Meta(description="One that was asked did not answer.")]
    rules: Annotated[
        RulesData | None, Meta(description="How was voted; null in manifests of before 0.2.")
    ] = None
    members: Annotated[tuple[MemberData, ...], Meta(description="Who voted.")] = ()
    ontology: Annotated[
        tuple[ClassData, ...] | None,
        Meta(description="Canonical classes, in order; null: every name means itself."),
    ] = None
    confidence: Annotated[
        Share, Meta(description="Boxes with a lower score do not vote, without an ontology.")
    ] = 0.0
    raw_confidence: Annotated[
        Share, Meta(description="Boxes with a lower score are not in the evidence.")
    ] = 0.0
    calibration: Annotated[
        CalibrationData | None, Meta(description="Null: scores are taken as they are.")
    ] = None


NOBODY = EnsembleData(strategy="wbf", models=(), degraded_quorum=False, rules=RulesData())
"""Where there is no detector."""
