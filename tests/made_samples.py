"""Kept frames as the daemon makes them, for tests of everything that carries them."""

from __future__ import annotations

import time

import numpy as np
import simplejpeg
import uuid6

from gleancam.types import (
    Decision,
    EmbeddedFrame,
    Frame,
    Reason,
    Redaction,
    Sample,
    SceneChange,
    SceneRecord,
)
from gleancam.wire.context import DeviceContext
from gleancam.wire.ensemble_data import EnsembleData, MemberData, RulesData
from gleancam.wire.event import scene_parcel
from gleancam.wire.image import EncodedImage
from gleancam.wire.parcel import Parcel
from gleancam.wire.sample import sample_parcel
from gleancam.wire.topics import Topics
from gleancam_engines.planes import JPEG_COLORIMETRY, Planes
from gleancam_engines.voting.evidence import Evidence, Float64Array
from gleancam_engines.voting.label import Label

TOPICS = Topics("gleancam", "depot", "gate-1")
MEMBER = "yolox-nano@0123456789ab"
CLASSES = ("person", "car", "bicycle")
ENSEMBLE = EnsembleData(
    strategy="wbf",
    models=(MEMBER,),
    degraded_quorum=False,
    rules=RulesData(),
    members=(MemberData(id=MEMBER, weight=1.0, classes=CLASSES),),
    confidence=0.3,
    raw_confidence=0.05,
)
CONTEXT = DeviceContext(TOPICS, boot_id="3f0c", clock_synced="true", ensemble=ENSEMBLE)
WIDTH, HEIGHT = 320, 180


def made_image(seed: int = 0, width: int = WIDTH, height: int = HEIGHT) -> EncodedImage:
    rng = np.random.default_rng(seed)
    rows = np.linspace(40, 200, height)[:, None, None] + rng.uniform(-30, 30, (1, 1, 3))
    pixels = np.broadcast_to(rows, (height, width, 3)).clip(0, 255).astype(np.uint8)
    return EncodedImage(simplejpeg.encode_jpeg(pixels.copy(), quality=80), width, height, 80)


def made_sample(
    seed: int = 0,
    *,
    camera: str = "front",
    captured_ns: int | None = None,
    labels: int = 2,
    reason: Reason = Reason.NOVEL,
    score: float = 0.31,
) -> Sample:
    rng = np.random.default_rng(seed)
    embedding = rng.standard_normal(64).astype(np.float32)
    embedding /= np.linalg.norm(embedding)
    shape = ((HEIGHT + 1) // 2, (WIDTH + 1) // 2)
    planes = Planes(
        np.full((HEIGHT, WIDTH), 90, np.uint8),
        np.full(shape, 128, np.uint8),
        np.full(shape, 128, np.uint8),
        JPEG_COLORIMETRY,
    )
    frame = Frame(
        camera,
        seed,
        time.time_ns() if captured_ns is None else captured_ns,
        1_000 + seed,
        planes,
        (Redaction("window", ((0.0, 0.0), (0.2, 0.0), (0.2, 0.1))),),
    )
    corners = rng.uniform(0, 0.5, (labels, 2))
    boxes = np.hstack([corners, corners + rng.uniform(0.15, 0.4, (labels, 2))])
    boxes = np.round(boxes, 4)
    scores = np.round(np.sort(rng.uniform(0.3, 1, labels))[::-1], 4)
    classes = rng.integers(0, 3, labels).astype(np.int32)
    return Sample(
        str(uuid6.uuid7()),
        EmbeddedFrame(frame, embedding, "space-1"),
        _decision(reason, score),
        "scene-1",
        tuple(
            made_label(box, CLASSES[kind], float(value))
            for box, kind, value in zip(boxes, classes, scores, strict=True)
        ),
        (Evidence(MEMBER, CLASSES, boxes, scores, classes),),
    )


def made_label(box: Float64Array, class_name: str, score: float) -> Label:
    """Return the label of a box that one member saw, and none other could have."""
    return Label(
        xyxy=_corners(box),
        class_name=class_name,
        score=score,
        votes=1,
        voters=(MEMBER,),
        eligible=1,
        mean_iou=1.0,
        score_max=score,
        risk=1 - score,
        bald=None,
        entropy=0.5,
        loc_spread=0.0,
    )


def _decision(reason: Reason, score: float) -> Decision:
    policy = reason is not Reason.RANDOM
    return Decision(
        keep=True,
        reason=reason,
        score=score,
        threshold=0.2,
        policy_id="p1",
        arm="policy" if policy else "random",
        policy_propensity=float(policy),
        random_propensity=0.001,
        drawn=not policy,
        policy_keeps=policy,
        epoch=3,
    )


def made_parcel(
    seed: int = 0,
    *,
    camera: str = "front",
    captured_ns: int | None = None,
    labels: int = 2,
    reason: Reason = Reason.NOVEL,
    score: float = 0.31,
) -> Parcel:
    sample = made_sample(
        seed, camera=camera, captured_ns=captured_ns, labels=labels, reason=reason, score=score
    )
    return sample_parcel(sample, made_image(seed), CONTEXT)


def made_event(camera: str = "front") -> Parcel:
    now = time.time_ns()
    ended = SceneRecord("scene-1", now - 10**9, now, 1.0, "sample-1")
    change = SceneChange(camera, "scene-2", now, now, 0.4, 0.15, ended_scene=ended)
    return scene_parcel(change, str(uuid6.uuid7()), CONTEXT)


def _corners(box: Float64Array) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = map(float, box)
    return x1, y1, x2, y2
