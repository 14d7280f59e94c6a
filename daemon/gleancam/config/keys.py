"""Every key of the configuration: its type, its default, its range. `file.py` reads the file.

Lengths are seconds, sizes bytes, polygons (x, y) corners in 0…1 of the frame. A key that is not
here is an error.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from gleancam_engines.opening import Backend
from gleancam_engines.precision import Precision

Identifier = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,64}\Z")]
Seconds = Annotated[float, Meta(gt=0)]
Bytes = Annotated[int, Meta(gt=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
CosineDistance = Annotated[float, Meta(gt=0, le=2)]
CosineSimilarity = Annotated[float, Meta(gt=0, le=1)]
Names = Annotated[tuple[str, ...], Meta(min_length=1)]
Budget = Annotated[
    str,
    Meta(pattern=r"^(?=[0-9.]*[1-9])[0-9]{1,12}(\.[0-9]{1,6})?( ?(kB|MB|GB))?/(hour|day)\Z"),
]
DrawRate = Annotated[str, Meta(pattern=r"^(?=[0-9.]*[1-9])[0-9]{1,6}(\.[0-9]{1,6})?/(hour|day)\Z")]
Quota = Annotated[str, Meta(pattern=r"^([1-9][0-9]{0,2}|1000)/(minute|hour|day)\Z")]
Hours = Annotated[
    str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]\Z")
]
Port = Annotated[int, Meta(ge=1, le=65535)]
Point = tuple[Share, Share]


class Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file; unknown keys are errors. msgspec wants `kw_only` on every subclass."""


class Polygon(Section, frozen=True, kw_only=True):
    """A part of the picture."""

    name: Identifier
    polygon: Annotated[tuple[Point, ...], Meta(min_length=3)]


class Camera(Section, tag_field="source", frozen=True, kw_only=True):
    """What every camera has, whatever its source.

    Attributes:
        fps: frames a second that are looked at.
        keyframes_only: decode only keyframes: 14 times cheaper, as often as the camera sends them.
        thumbnails: `sampled` looks for scene changes at `fps`; `decoded` at the camera's own rate.
        budget: what this camera may send, as `200 MB/day` or `60/hour`; the site's holds too.
        stall_timeout_s: without a picture for this long the camera counts as stalled.
        mask: blackened before anything looks, and noted in every sample.
        ignore: not looked at when deciding whether something changed (clock overlays, trees).
    """

    id: Identifier
    enabled: bool = True
    fps: Annotated[float, Meta(gt=0, le=60)] = 1.0
    keyframes_only: bool = False
    thumbnails: Literal["sampled", "decoded"] = "sampled"
    budget: Budget | None = None
    stall_timeout_s: Annotated[float, Meta(ge=1)] = 10.0
    mask: tuple[Polygon, ...] = ()
    ignore: tuple[Polygon, ...] = ()


class RtspCamera(Camera, tag="rtsp", frozen=True, kw_only=True):
    """A network camera. Credentials belong in `credentials_file`, one line `user:password`."""

    url: Annotated[str, Meta(pattern="^rtsps?://")]
    credentials_file: str | None = None
    transport: Literal["tcp", "udp"] = "tcp"
    latency_ms: Annotated[int, Meta(ge=0, le=10_000)] = 200


class FileCamera(Camera, tag="file", frozen=True, kw_only=True):
    """A video file, played at its own speed."""

    path: str
    loop: bool = False


class V4l2Camera(Camera, tag="v4l2", frozen=True, kw_only=True):
    """A USB or capture device."""

    device: Annotated[str, Meta(pattern=r"^/dev/[A-Za-z0-9/_.-]+\Z")] = "/dev/video0"


class CsiCamera(Camera, tag="csi", frozen=True, kw_only=True):
    """A camera on a Jetson's CSI port."""

    sensor_id: Annotated[int, Meta(ge=0, le=15)] = 0


class TestCamera(Camera, tag="test", frozen=True, kw_only=True):
    """A picture made by GStreamer itself, to try a site without a camera."""

    __test__ = False  # pytest: not a test class

    pattern: Literal["smpte", "snow", "black", "white", "ball"] = "ball"
    width: Annotated[int, Meta(ge=16, le=8192)] = 640
    height: Annotated[int, Meta(ge=16, le=8192)] = 360


class ImagesCamera(Camera, tag="images", frozen=True, kw_only=True):
    """A folder of JPEG and PNG files, in name order, one picture every 1/`fps` seconds."""

    path: str
    loop: bool = False


AnyCamera = RtspCamera | FileCamera | V4l2Camera | CsiCamera | TestCamera | ImagesCamera


class Models(Section, frozen=True, kw_only=True):
    """Which models run, and where their files lie."""

    directory: str = "/var/lib/gleancam/models"
    embedder: Identifier = "tiny-vit-5m"
    detectors: tuple[Identifier, ...] = ("yolox-nano",)
    backend: Backend = "auto"
    precision: Precision = "fp32"
    threads: Annotated[int, Meta(ge=1, le=64)] = 2
    confidence: Share = 0.3
    raw_confidence: Share = 0.05
    label_deadline_s: Seconds = 5.0
    batch: Annotated[int, Meta(ge=1, le=64)] = 8


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
    refractory_s: Annotated[float, Meta(ge=0, le=3600)] = 1.5
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


class Health(Section, frozen=True, kw_only=True):
    """Whether pictures are frozen, dark, overexposed, covered, blurred or moved."""

    enabled: bool = True


class Spool(Section, frozen=True, kw_only=True):
    """Where samples wait on disk until a consumer has them."""

    path: str = "/var/lib/gleancam/spool.db"
    max_bytes: Bytes = 2_000_000_000
    reserve_bytes: Bytes = 200_000_000
    jpeg_quality: Annotated[int, Meta(ge=30, le=98)] = 85


class Decisions(Section, frozen=True, kw_only=True):
    """The log of every decision, for `gleancam replay --log`.

    Attributes:
        path: a folder of its own; empty: `decisions` beside the spool.
        max_bytes: the oldest records make room.
    """

    enabled: bool = True
    path: str = ""
    max_bytes: Annotated[int, Meta(ge=1_000_000)] = 256_000_000


class Tls(Section, frozen=True, kw_only=True):
    """Files that prove who is who. `ca` empty: the system's own store."""

    ca: str = ""
    certificate: str = ""
    key: str = ""
    verify: bool = True


class Mqtt(Section, frozen=True, kw_only=True):
    """The broker, and how delivery is confirmed.

    Attributes:
        username_file: one line; never the name itself on a command line or in a log.
        password_file: one line, readable by the daemon's user alone.
        confirm: `ingest` frees a sample when a consumer acknowledged it, `puback` when the broker
            did.
        inline_max_bytes: the largest image sent as a message; the broker's own limit also holds.
    """

    host: str = "localhost"
    port: Port = 1883
    transport: Literal["tcp", "websockets"] = "tcp"
    websocket_path: str = "/mqtt"
    protocol: Literal["5", "3.1.1"] = "5"
    prefix: Identifier = "gleancam"
    client_id: str = ""
    username_file: str = ""
    password_file: str = ""
    tls: Tls | None = None
    keepalive_s: Annotated[int, Meta(ge=5, le=3600)] = 30
    confirm: Literal["ingest", "puback"] = "ingest"
    ack_timeout_s: Seconds = 60.0
    inline_max_bytes: Bytes = 1_048_576


class Directory(Section, frozen=True, kw_only=True):
    """A folder that takes the samples instead of a broker."""

    path: str


class Http(Section, frozen=True, kw_only=True):
    """Where `/metrics`, `/healthz` and `/readyz` are served."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 9464


class Config(Section, frozen=True, kw_only=True):
    """One device."""

    site: Identifier
    device: Identifier
    cameras: Annotated[tuple[AnyCamera, ...], Meta(min_length=1)]
    models: Models = msgspec.field(default_factory=Models)
    selection: Selection = msgspec.field(default_factory=Selection)
    health: Health = msgspec.field(default_factory=Health)
    spool: Spool = msgspec.field(default_factory=Spool)
    decisions: Decisions = msgspec.field(default_factory=Decisions)
    mqtt: Mqtt | None = None
    directory: Directory | None = None
    http: Http = msgspec.field(default_factory=Http)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
