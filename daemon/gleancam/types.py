"""The values that travel through the daemon. Frozen; arrays are checked where they are made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np

from gleancam.thumbnail import THUMBNAIL_SHAPE, luma_thumbnail
from gleancam_engines.planes import Float32Array, Planes
from gleancam_engines.voting.evidence import Evidence
from gleancam_engines.voting.label import Label

Box: TypeAlias = tuple[float, float, float, float]
"""(x1, y1, x2, y2) in 0…1 of a frame's width and height."""


class Reason(str, Enum):
    """Why a frame was kept, or was not."""

    NOVEL = "novel"
    SCENE_CHANGE = "scene_change"
    NEAR = "near"
    UNCERTAIN = "uncertain"
    RANDOM = "random"
    HEARTBEAT = "heartbeat"
    COMMAND = "command"
    REDUNDANT = "redundant"
    BEYOND_BAND = "beyond_band"
    OVER_BUDGET = "over_budget"


@dataclass(frozen=True, slots=True)
class Redaction:
    """A receipt: this polygon was blackened before anything looked.

    `polygon` holds (x, y) corners in 0…1 of the frame's width and height.
    """

    name: str
    polygon: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnail:
    """Luma of one decoded frame, area-averaged.

    Attributes:
        luma: `THUMBNAIL_SHAPE` float32 in 0…255, read-only.
        captured_ns: UTC nanoseconds.
        mono_ns: monotonic nanoseconds: all intervals are measured on this clock.
    """

    camera_id: str
    captured_ns: int
    mono_ns: int
    luma: Float32Array

    def __post_init__(self) -> None:
        if self.luma.shape != THUMBNAIL_SHAPE or self.luma.dtype != np.float32:
            raise ValueError(
                f"luma must be {THUMBNAIL_SHAPE} float32, "
                f"but got {self.luma.shape} {self.luma.dtype}"
            )


@dataclass(frozen=True, eq=False)
class Frame:
    """One sampled picture of one camera, still in YCbCr.

    Attributes:
        seq: counts from 0 at each start of the camera; a gap is a dropped frame.
        captured_ns: UTC nanoseconds.
        mono_ns: monotonic nanoseconds.
        planes: read-only, already masked.
        redactions: which polygons were blackened.
    """

    camera_id: str
    seq: int
    captured_ns: int
    mono_ns: int
    planes: Planes
    redactions: tuple[Redaction, ...] = ()

    @cached_property
    def thumbnail(self) -> Thumbnail:
        """The luma thumbnail, made once."""
        return Thumbnail(
            self.camera_id, self.captured_ns, self.mono_ns, luma_thumbnail(self.planes.y)
        )


@dataclass(frozen=True, slots=True)
class Pending:
    """What one camera has brought since it was last asked.

    Attributes:
        frame: the latest frame; None when only thumbnails came.
        thumbnails: those of the decoder-rate branch, oldest first.
    """

    camera_id: str
    frame: Frame | None
    thumbnails: tuple[Thumbnail, ...]


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedFrame:
    """A frame and where it lies in the embedder's space.

    Attributes:
        embedding: `(D,)` float32, L2 norm 1 ± 1e-3.
        space_id: names the space; embeddings of two spaces are never compared.
    """

    frame: Frame
    embedding: Float32Array
    space_id: str

    def __post_init__(self) -> None:
        if self.embedding.ndim != 1 or self.embedding.dtype != np.float32:
            raise ValueError(
                f"embedding must be (D,) float32, "
                f"but got {self.embedding.shape} {self.embedding.dtype}"
            )
        norm = float(np.linalg.norm(self.embedding))
        if not abs(norm - 1) <= 1e-3:  # NaN fits no comparison
            raise ValueError(f"embedding must have norm 1 ± 1e-3, but has {norm:.4f}")


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedPart:
    """A part of an embedded frame, in the same space.

    Attributes:
        embedding: `(D,)` float32, L2 norm 1 ± 1e-3.
        featureless: it shows one colour; its embedding is that of noise.
    """

    box: Box
    embedding: Float32Array
    featureless: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a frame is kept, and everything needed to judge that later.

    Attributes:
        score: what the deciding rule measured: cosine distance where it compares with what was
            kept, and for `random`; shares of the interval for `heartbeat`; 1 for `command`.
        threshold: what it was held against.
        percentile: rank of `novelty` among the camera's past ones, 0…1; None where unknown.
        arm: `random` when only the lottery kept the frame, else `policy`.
        policy_id: names the configuration epoch that decided.
        nearest_id: sample id of the nearest kept frame; None when there is none.
        region: the part of the picture that decided; None when it was the whole.
        policy_propensity: probability that the policy keeps this frame, given all before, 0…1.
        random_propensity: probability that the lottery draws it, 0…1.
        drawn: the lottery drew it; it may have been refused all the same, by a full disk alone.
        policy_keeps: the policy wanted it and could afford it.
        epoch: of the lottery, from 1; 0 without one.
        novelty: what the novelty rule measured, whatever decided; 0 beyond the band.
        beyond_band: unlike anything kept, more than a new thing would be, whatever decided.
        tag: what a `near` frame is near to; None for other reasons.
    """

    keep: bool
    reason: Reason
    score: float
    threshold: float
    policy_id: str
    percentile: float | None = None
    arm: str = "policy"
    nearest_id: str | None = None
    region: Box | None = None
    policy_propensity: float = 1.0
    random_propensity: float = 0.0
    drawn: bool = False
    policy_keeps: bool = True
    epoch: int = 0
    novelty: float = 0.0
    beyond_band: bool = False
    tag: str | None = None

    @property
    def propensity(self) -> float:
        """Probability that this frame is kept by the policy, the lottery or both, 0…1."""
        # 1 - (1 - policy) * (1 - random), without its rounding.
        return self.policy_propensity + (1 - self.policy_propensity) * self.random_propensity


DISCONTINUITY = "discontinuity"
"""The kind of a scene change that was not seen: the stream was interrupted."""


@dataclass(frozen=True, slots=True)
class SceneRecord:
    """A scene that has ended.

    Attributes:
        started_ns: UTC of its first frame; after a gradual change, of the last of the transition.
        ended_ns: UTC of the first frame that shows no longer it alone; where the stream was
            interrupted, of the last before that.
        duration_s: between these, on the monotonic clock.
        representative_id: sample id of the first frame of it that was kept; None when none was.
    """

    scene_id: str
    started_ns: int
    ended_ns: int
    duration_s: float
    representative_id: str | None = None


@dataclass(frozen=True, slots=True)
class SceneChange:
    """One scene ended and another began.

    Attributes:
        scene_id: of the scene that begins.
        started_ns: UTC of the first frame of the new scene (for a gradual change: first changed).
        ended_ns: UTC of the last frame of the transition; equal to `started_ns` unless gradual.
        distance: cosine distance across the change; None after a discontinuity.
        kind: `cut`, `gradual` or `discontinuity`.
        label: zero-shot name of the new scene; None without prototypes.
        ended_scene: the scene that ended; None where nothing is known of it.
    """

    camera_id: str
    scene_id: str
    started_ns: int
    ended_ns: int
    distance: float | None
    threshold: float
    kind: str = "cut"
    label: str | None = None
    ended_scene: SceneRecord | None = None


class Note(NamedTuple):
    """One row of what selection remembers, to be stored: by name and number; None deletes it."""

    name: str
    key: int
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Notes:
    """What selection remembers of frames that were not kept; all of it is stored, or nothing."""

    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A kept frame with all that is known about it, ready to be spooled.

    Attributes:
        sample_id: UUIDv7, the key consumers deduplicate by.
        scene_id: the scene it lies in.
        labels: the committee's answer.
        evidence: every member's raw boxes.
        notes: what selection remembers since the last sample, stored in the same transaction.
        scene_label: zero-shot name of what the frame shows; None without prototypes.
    """

    sample_id: str
    embedded: EmbeddedFrame
    decision: Decision
    scene_id: str
    labels: tuple[Label, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[Note, ...] = ()
    scene_label: str | None = None
