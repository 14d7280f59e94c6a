"""The manifest of a sample: every field, its unit and its range.

All fields are required unless they have a default; null means "not known" or "does not apply".
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gleancam.types import Reason
from gleancam.wire.codec import readable
from gleancam.wire.context import ClockSynced
from gleancam.wire.ensemble_data import EnsembleData, MemberId, MemberStatus
from gleancam.wire.fields import (
    Box,
    Count,
    Identifier,
    Payload,
    Pixels,
    Polygon,
    Sha256,
    Share,
    Time,
)


class FrameData(Payload, frozen=True, kw_only=True):
    """The frame as the camera gave it, before it was made smaller to be sent."""

    seq: Annotated[
        Count, Meta(description="From 0 at each start of the camera; a gap is a dropped frame.")
    ]
    width: Pixels
    height: Pixels
    matrix: Annotated[Literal["BT601", "BT709"], Meta(description="YCbCr matrix of the frame.")]
    range: Annotated[Literal["limited", "full"], Meta(description="YCbCr range of the frame.")]


class RedactionData(Payload, frozen=True, kw_only=True):
    """A polygon that was blackened on the device before anything looked."""

    name: Annotated[str, Meta(description="As configured.")]
    polygon: Polygon


class ImageData(Payload, frozen=True, kw_only=True):
    """The picture that goes with this manifest."""

    sha256: Sha256
    bytes: Annotated[int, Meta(ge=1, description="Length of the file.")]
    mime: Annotated[Literal["image/jpeg"], Meta(description="Media type.")]
    delivery: Annotated[
        Literal["topic", "held", "url"],
        Meta(
            description="topic: published on the topic `ref` before this manifest. held: on the "
            "device; fetch-sample has it published on the topic `ref`, and it is acknowledged by "
            "the sample's id and `-image`. url: reserved."
        ),
    ]
    ref: Annotated[str, Meta(description="Where it is, by the rules of `delivery`.")]
    width: Pixels
    height: Pixels
    quality: Annotated[int, Meta(ge=1, le=100, description="libjpeg quality.")]
    redactions: Annotated[tuple[RedactionData, ...], Meta(description="What was blackened in it.")]


class SelectionData(Payload, frozen=True, kw_only=True):
    """Why this frame was kept."""

    reason: Annotated[
        Reason,
        Meta(
            description="The first in this order that wanted the frame and could afford it: "
            "command, scene_change, near, novel, heartbeat, random. "
            "Others are never on a kept frame."
        ),
    ]
    arm: Annotated[str, Meta(description="policy, or random: only the lottery kept it.")]
    score: Annotated[
        float | None,
        Meta(
            description="What the rule measured: cosine distance for scene_change, novel and "
            "random; intervals for heartbeat; null when there was nothing to compare with."
        ),
    ]
    threshold: Annotated[float | None, Meta(description="What the score was held against.")]
    percentile: Annotated[
        Share | None, Meta(description="Rank of its novelty among the camera's past frames.")
    ]
    propensity: Annotated[
        Share,
        Meta(
            description="Probability that this frame is kept: "
            "1 - (1 - policy_propensity) * (1 - random_propensity)."
        ),
    ]
    policy_id: Annotated[str, Meta(description="Names the configuration that decided.")]
    nearest_id: Annotated[str | None, Meta(description="Sample id of the nearest kept frame.")]
    region: Annotated[
        Box | None, Meta(description="The part of the picture that was new; null: the whole.")
    ] = None
    policy_propensity: Annotated[
        Share, Meta(description="Probability that the policy keeps this frame, given all before.")
    ] = 1.0
    random_propensity: Annotated[
        Share, Meta(description="Probability that the lottery draws this frame; 0 without one.")
    ] = 0.0
    policy_keeps: Annotated[bool, Meta(description="The policy kept it.")] = True
    drawn: Annotated[bool, Meta(description="The lottery drew it; the policy may have, too.")] = (
        False
    )
    epoch: Annotated[
        Count,
        Meta(
            description="Of the camera's lottery, from 1; random_propensity is the same for all "
            "frames of an epoch. 0 without a lottery."
        ),
    ] = 0
    tag: Annotated[
        str | None, Meta(description="What a `near` frame is near to; null for other reasons.")
    ] = None


class EmbeddingData(Payload, frozen=True, kw_only=True):
    """Where the frame lies in the embedder's space; spaces are never compared."""

    space_id: Annotated[str, Meta(description="Hash of the weights and the preprocessing.")]
    dim: Annotated[int, Meta(ge=1, le=65536, description="Number of values.")]
    dtype: Annotated[Literal["f16"], Meta(description="IEEE 754 binary16, little-endian.")]
    base64: Annotated[
        str,
        Meta(description="2 bytes a value, RFC 4648 base64 with padding; L2 norm 1 ± 2e-3."),
    ]


class SceneData(Payload, frozen=True, kw_only=True):
    """The scene the frame lies in."""

    id: Annotated[str, Meta(description="Changes at every scene change.")]
    label: Annotated[
        str | None,
        Meta(description="Zero-shot name of the frame, or unknown; null where none is configured."),
    ] = None


class LabelData(Payload, frozen=True, kw_only=True):
    """One object, as the detectors together describe it."""

    box: Box
    class_name: Annotated[str, Meta(description="Canonical class.")] = msgspec.field(name="class")
    score: Share
    votes: Annotated[Count, Meta(description="Distinct members that saw it.")]
    voters: Annotated[tuple[MemberId, ...], Meta(description="Who saw it.")]
    eligible: Annotated[
        Count, Meta(description="Members that could have seen this class, and looked.")
    ]
    mean_iou: Annotated[
        Share, Meta(description="Mean pairwise IoU of the voters' boxes; 1 for a single voter.")
    ]
    status: Annotated[str, Meta(description="`generated` on the device; review changes it.")]
    score_max: Annotated[Share | None, Meta(description="The voters' highest score.")] = None
    risk: Annotated[
        Share | None, Meta(description="1 - calibrated score: is this label wrong?")
    ] = None
    bald: Annotated[
        Share | None,
        Meta(
            description="Do members disagree that it is there? Null where only one could have "
            "seen it."
        ),
    ] = None
    entropy: Annotated[
        Share | None, Meta(description="Of the score, where `bald` is null for want of members.")
    ] = None
    loc_spread: Annotated[
        Share | None, Meta(description="1 - mean_iou: do voters disagree where it is?")
    ] = None
    degraded_quorum: Annotated[
        bool, Meta(description="A member that can see this class did not answer.")
    ] = False
    class_conflict: Annotated[
        bool, Meta(description="A label of another class lies on the same object.")
    ] = False


@readable
class EvidenceData(Payload, frozen=True, kw_only=True):
    """Raw boxes of one member, best score first, as three columns of one length."""

    model_id: MemberId
    boxes: Annotated[tuple[Box, ...], Meta(description="One for each detection.")]
    scores: Annotated[tuple[Share, ...], Meta(description="One for each detection.")]
    classes: Annotated[tuple[str, ...], Meta(description="In the model's own vocabulary.")]
    status: MemberStatus = "ok"


@readable
class SampleData(Payload, frozen=True, kw_only=True):
    """A kept frame. Deduplicate by `sample_id`; the bytes are the same at every delivery."""

    sample_id: Identifier
    site: Identifier
    device: Identifier
    camera: Identifier
    captured: Time
    mono_ns: Annotated[int, Meta(description="Monotonic clock, nanoseconds; one boot only.")]
    boot_id: Annotated[str, Meta(description="Changes with every boot.")]
    clock_synced: Annotated[
        ClockSynced,
        Meta(description="Whether `captured` can be trusted; corrected: it was dated anew."),
    ]
    historical: Annotated[bool, Meta(description="Not live: imported or replayed footage.")]
    frame: FrameData
    image: ImageData
    selection: SelectionData
    embedding: EmbeddingData
    scene: SceneData
    labels: Annotated[tuple[LabelData, ...], Meta(description="Objects in the frame.")]
    evidence: Annotated[
        tuple[EvidenceData, ...], Meta(description="Raw boxes, one entry for each member.")
    ]
    ensemble: EnsembleData
