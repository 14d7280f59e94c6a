"""The keys of `[selection]`: what is worth sending."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gleancam.config.scalars import (
    Budget,
    CosineDistance,
    CosineSimilarity,
    DrawRate,
    Hours,
    Identifier,
    Names,
    Quota,
    Seconds,
    Section,
    Share,
)


class Gate(Section, frozen=True, kw_only=True):
    """The change gate before the embedder.

    Attributes:
        min_difference: grey levels of mean difference, gain matched; twice the camera's own noise
            when that is more.
        max_gap_s: at least one frame in so many seconds is embedded, changed or not.
    """

    enabled: bool = True
    min_difference: Annotated[float, Meta(ge=0, le=255)] = 1.0
    max_gap_s: Seconds = 10.0


class Novelty(Section, frozen=True, kw_only=True):
    """Keep what lies far from everything kept before.

    Attributes:
        threshold: cosine distance from the nearest kept frame. Depends on the embedder alone.
        ceiling: a frame farther than this from everything kept is not novel but beyond the band: a
            covered lens, a broken picture. None: nothing is.
        seen_after_s: a frame seen this long ago counts as seen, kept or not.
        refractory_s: right after a kept frame four times the threshold is wanted of the next; that
            falls back with this time constant. 0: never.
        capacity: centres remembered, and seen entries; bounds memory and time.
        scope: whose kept frames count: the camera's own, those of all cameras of the site, or both:
            its own, and others' at half the threshold.
        half_life_days: of what is not seen again, half is forgotten in so many days of watching; 0
            never.
    """

    enabled: bool = True
    threshold: CosineDistance = 0.2
    ceiling: CosineDistance | None = None
    seen_after_s: Seconds = 5.0
    refractory_s: Annotated[float, Meta(ge=0, le=3600)] = 2.0
    capacity: Annotated[int, Meta(ge=16, le=1_000_000)] = 4096
    scope: Literal["camera", "site", "both"] = "camera"
    half_life_days: Annotated[float, Meta(ge=0)] = 90.0


class Regions(Section, frozen=True, kw_only=True):
    """Small parts of the picture that differ from the camera's background, embedded besides.

    Attributes:
        threshold: cosine distance from every region kept before, from which one is new. Depends on
            the embedder alone.
        worth: score that a new region gives a frame, a cosine distance of whole frames: under a
            threshold twice as high, two new regions are wanted.
        every_s: regions are looked for once in so many seconds.
        most: regions of one frame; each costs an embedding.
        capacity: as that of novelty, for regions.
    """

    enabled: bool = True
    threshold: CosineDistance = 0.25
    worth: CosineDistance = 0.2
    every_s: Seconds = 1.0
    most: Annotated[int, Meta(ge=1, le=32)] = 10
    capacity: Annotated[int, Meta(ge=16, le=1_000_000)] = 1024


class Scene(Section, frozen=True, kw_only=True):
    """Cuts and gradual changes: thumbnails propose, embeddings confirm.

    Attributes:
        min_difference: grey levels by which a thumbnail must differ from the one before.
        min_ratio: and how many times the usual difference that must be.
        threshold: cosine distance between the scenes. Depends on the embedder alone.
        min_length_s: a scene shorter than this is a disturbance.
    """

    enabled: bool = True
    min_difference: Annotated[float, Meta(gt=0, le=255)] = 10.0
    min_ratio: Annotated[float, Meta(gt=1)] = 2.0
    threshold: CosineDistance = 0.25
    min_length_s: Seconds = 0.2


class Heartbeat(Section, frozen=True, kw_only=True):
    """A frame now and then, though nothing happens.

    Attributes:
        every_s: when nothing of a camera was kept for so long, its next frame is. None: never.
    """

    every_s: Seconds | None = None


class Random(Section, frozen=True, kw_only=True):
    """The random arm: a lottery over all sampled frames, before the gate.

    Attributes:
        rate: samples of each camera wanted, as `12/day`; at most a quarter of a budget.
        seed: of the lottery. Empty: made of site and device, so that no two draw alike.
    """

    enabled: bool = True
    rate: DrawRate = "12/day"
    seed: str = ""


class Quotas(Section, frozen=True, kw_only=True):
    """The most that may be kept of each camera for one reason, as `["2/minute", "30/hour"]`.

    They hold in any minute, hour or day of watching, wherever it begins. The random arm
    has none.
    """

    command: tuple[Quota, ...] = ()
    scene_change: tuple[Quota, ...] = ()
    near: tuple[Quota, ...] = ()
    novel: tuple[Quota, ...] = ()
    heartbeat: tuple[Quota, ...] = ()
    uncertain: tuple[Quota, ...] = ()


class Near(Section, frozen=True, kw_only=True):
    """Keep what resembles texts or example pictures, and tag it.

    Attributes:
        tag: written into the samples.
        prototypes: a file of `gleancam models prototypes`, of the embedder's space.
        classes: those of the file that count; absent: all.
        threshold: cosine similarity to the nearest of them from which a frame is near.
        min_distance: cosine distance from what was sent before; the same thing is not sent again.
        cameras: whose frames are compared; absent: all.
    """

    tag: Identifier
    prototypes: str
    classes: Names | None = None
    threshold: CosineSimilarity
    min_distance: CosineDistance = 0.1
    cameras: Names | None = None


class ZeroShot(Section, frozen=True, kw_only=True):
    """Name scenes and kept frames by prototypes, or `unknown`.

    Attributes:
        prototypes: a file of `gleancam models prototypes`, of the embedder's space.
        classes: those of the file that count; absent: all.
        tau: the likeliest class needs this probability,
        margin: and so much more than the next,
        tau_abs: and its prototype this cosine similarity.
    """

    prototypes: str
    classes: Names | None = None
    tau: Share = 0.5
    margin: Share = 0.1
    tau_abs: Annotated[float, Meta(ge=-1, le=1)] = 0.2


class Uncertain(Section, frozen=True, kw_only=True):
    """Keep frames that are not new, but that detectors are unsure of.

    Attributes:
        threshold: how informative the most informative box must be, 0…1: its score's entropy.
        every_s: at most one frame a camera in so many seconds is shown to the detectors for it.
    """

    enabled: bool = False
    threshold: Annotated[float, Meta(gt=0, le=1)] = 0.95
    every_s: Seconds = 60.0


class Selection(Section, frozen=True, kw_only=True):
    """What is worth sending.

    Attributes:
        budget: what all cameras together may send, as `200 MB/day` or `60/hour`.
        mode: where the novelty threshold comes from. `budget`: it follows the budgets, and is fixed
            where there is none; `threshold`: it is fixed; `ratio`: it lets the share `ratio` of the
            embedded frames through. No mode sends more than the budgets allow.
        night: hours, by UTC, in which only what is worth the burst reserve is sent.
        near: what is kept for its likeness to something; the tags are all different.
        zero_shot: absent: scenes and frames have no names.
    """

    budget: Budget | None = None
    mode: Literal["budget", "threshold", "ratio"] = "budget"
    ratio: Annotated[float, Meta(gt=0, le=0.5)] = 0.01
    night: Hours | None = None
    gate: Gate = msgspec.field(default_factory=Gate)
    novelty: Novelty = msgspec.field(default_factory=Novelty)
    regions: Regions = msgspec.field(default_factory=Regions)
    scene: Scene = msgspec.field(default_factory=Scene)
    heartbeat: Heartbeat = msgspec.field(default_factory=Heartbeat)
    random: Random = msgspec.field(default_factory=Random)
    quotas: Quotas = msgspec.field(default_factory=Quotas)
    near: tuple[Near, ...] = ()
    zero_shot: ZeroShot | None = None
    uncertain: Uncertain = msgspec.field(default_factory=Uncertain)
