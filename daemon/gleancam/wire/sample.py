"""From a kept frame to the parcel that is spooled and sent."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace

import msgspec

from gleancam.types import Decision, Frame, Reason, Redaction, Sample
from gleancam.wire.boxes import evidence_data, label_data, rounded_box
from gleancam.wire.cloudevent import LIMIT_BYTES
from gleancam.wire.codec import decode, encode
from gleancam.wire.context import DeviceContext, Images
from gleancam.wire.embedding import embedding_data
from gleancam.wire.ensemble import with_statuses
from gleancam.wire.image import EncodedImage
from gleancam.wire.parcel import ALWAYS_WANTED, JPEG, Parcel
from gleancam.wire.picture import picture_id
from gleancam.wire.sample_data import (
    FrameData,
    ImageData,
    RedactionData,
    SampleData,
    SceneData,
    SelectionData,
)
from gleancam.wire.times import rfc3339


def sample_parcel(sample: Sample, image: EncodedImage, context: DeviceContext) -> Parcel:
    """Return the parcel of a kept frame; the same sample gives the same bytes.

    Raises:
        WireError: the sample's or camera's id is none.
    """
    frame = sample.embedded.frame
    held = context.images == "held"
    if held:
        picture_id(sample.sample_id)
    data = _sample_data(sample, image, context)
    return Parcel(
        parcel_id=sample.sample_id,
        kind="manifest" if held else "sample",
        camera_id=frame.camera_id,
        captured_ns=frame.captured_ns,
        data=encode(data),
        image=image.jpeg,
        value=_value(sample.decision),
        lane="historical" if context.historical else "live",
    )


def with_image(parcel: Parcel, image: EncodedImage) -> Parcel:
    """Return a sample's parcel with another, usually smaller, picture; all else stays.

    Not for what a consumer may have a manifest of: it holds the picture against that.

    Raises:
        WireError: the parcel holds no sample.
    """
    data = sample_data(parcel.data)
    images: Images = "held" if data.image.delivery == "held" else "topic"
    block = _image_data(image, images, data.image.ref, data.image.redactions)
    data = msgspec.structs.replace(data, image=block)
    return replace(parcel, data=encode(data), image=image.jpeg)


def sample_data(data: bytes) -> SampleData:
    """Read a manifest's data.

    Raises:
        WireError: it is no sample.
    """
    return decode(data, SampleData, limit_bytes=LIMIT_BYTES)


def _sample_data(sample: Sample, image: EncodedImage, context: DeviceContext) -> SampleData:
    frame, topics = sample.embedded.frame, context.topics
    return SampleData(
        sample_id=sample.sample_id,
        site=topics.site,
        device=topics.device,
        camera=frame.camera_id,
        captured=rfc3339(frame.captured_ns),
        mono_ns=frame.mono_ns,
        boot_id=context.boot_id,
        clock_synced=context.clock_synced,
        historical=context.historical,
        frame=_frame_data(frame),
        image=_image_data(
            image,
            context.images,
            topics.image(frame.camera_id, sample.sample_id),
            tuple(map(_redaction_data, frame.redactions)),
        ),
        selection=_selection_data(sample.decision),
        embedding=embedding_data(sample.embedded.embedding, sample.embedded.space_id),
        scene=SceneData(id=sample.scene_id, label=sample.scene_label),
        labels=label_data(sample.labels),
        evidence=tuple(map(evidence_data, sample.evidence)),
        ensemble=with_statuses(context.ensemble, sample.evidence),
    )


def _frame_data(frame: Frame) -> FrameData:
    planes = frame.planes
    return FrameData(
        seq=frame.seq,
        width=planes.width,
        height=planes.height,
        matrix="BT601" if planes.colorimetry.matrix.name == "BT601" else "BT709",
        range=planes.colorimetry.range.value,
    )


def _image_data(
    image: EncodedImage, images: Images, ref: str, redactions: tuple[RedactionData, ...]
) -> ImageData:
    return ImageData(
        sha256=hashlib.sha256(image.jpeg).hexdigest(),
        bytes=len(image.jpeg),
        mime=JPEG,
        delivery=images,
        ref=ref,
        width=image.width,
        height=image.height,
        quality=image.quality,
        redactions=redactions,
    )


def _redaction_data(redaction: Redaction) -> RedactionData:
    return RedactionData(name=redaction.name, polygon=redaction.polygon)


def _selection_data(decision: Decision) -> SelectionData:
    return SelectionData(
        reason=decision.reason,
        arm=decision.arm,
        score=_finite(decision.score),
        threshold=_finite(decision.threshold),
        percentile=decision.percentile,
        propensity=decision.propensity,
        policy_id=decision.policy_id,
        nearest_id=decision.nearest_id,
        region=None if decision.region is None else rounded_box(decision.region),
        policy_propensity=decision.policy_propensity,
        random_propensity=decision.random_propensity,
        policy_keeps=decision.policy_keeps,
        drawn=decision.drawn,
        epoch=decision.epoch,
        tag=decision.tag,
    )


def _finite(number: float) -> float | None:
    """JSON has no infinity: a score against an empty memory is null."""
    return number if math.isfinite(number) else None


def _value(decision: Decision) -> float:
    """Drawn and commanded frames are evicted last, as is the first frame of a memory."""
    last = decision.drawn or decision.reason is Reason.COMMAND or not math.isfinite(decision.score)
    is_distance = decision.reason in {Reason.NOVEL, Reason.SCENE_CHANGE}
    return ALWAYS_WANTED if last else decision.score if is_distance else decision.novelty
