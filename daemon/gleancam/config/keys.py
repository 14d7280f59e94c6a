"""Every key of the configuration: its type, its default, its range. `file.py` reads the file.

Lengths are seconds, sizes bytes, polygons (x, y) corners in 0…1 of the frame. A key that is not
here is an error.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gleancam.config.label_keys import Labels
from gleancam.config.scalars import (
    Budget,
    ByteRate,
    Bytes,
    DailyBytes,
    Hours,
    Identifier,
    Point,
    Port,
    Seconds,
    Section,
    Share,
)
from gleancam.config.selection_keys import Selection
from gleancam_engines.opening import Backend
from gleancam_engines.precision import Precision


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


class Health(Section, frozen=True, kw_only=True):
    """Whether pictures are frozen, dark, overexposed, covered, blurred or moved."""

    enabled: bool = True


class Spool(Section, frozen=True, kw_only=True):
    """Where samples wait on disk until a consumer has them.

    Attributes:
        reserve_bytes: left free on the disk for the rest of the system.
        max_age: days of running after which what nobody took is given up.
        jpeg_quality: of pictures that fit `inline_max_bytes`; others are made smaller.
        jpeg_longest_side: pixels, to which larger pictures are shrunk; 0: as the camera has them.
    """

    path: str = "/var/lib/gleancam/spool.db"
    max_bytes: Bytes = 2_000_000_000
    reserve_bytes: Bytes = 200_000_000
    max_age: Annotated[float, Meta(gt=0, le=36500)] = 30.0
    jpeg_quality: Annotated[int, Meta(ge=30, le=98)] = 85
    jpeg_longest_side: Annotated[int, Meta(ge=0, le=65535)] = 0


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


class Metered(Section, frozen=True, kw_only=True):
    """What may be sent besides the limits of `Bandwidth` while the link is metered."""

    rate: ByteRate | None = None
    budget: DailyBytes | None = None


class Bandwidth(Section, frozen=True, kw_only=True):
    """What may be sent; without a key there is no limit.

    Attributes:
        rate: as `200 kB/s`.
        budget: in any 24 hours, as `50 MB/day`; `selection.budget` is never more.
        backlog: hours, by UTC, in which alone is sent what has waited for an hour or is historical.
        metered: holds besides while the command `metered` says that bytes cost money.
    """

    rate: ByteRate | None = None
    budget: DailyBytes | None = None
    backlog: Hours | None = None
    metered: Metered = msgspec.field(default_factory=Metered)


class Mqtt(Section, frozen=True, kw_only=True):
    """The broker, and how delivery is confirmed.

    Attributes:
        username_file: one line; never the name itself on a command line or in a log.
        password_file: one line, readable by the daemon's user alone.
        confirm: `ingest` frees a sample when a consumer acknowledged it, `puback` when the broker
            did.
        images: `topic` sends pictures with their manifests; `held` keeps them until fetch-sample.
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
    images: Literal["topic", "held"] = "topic"
    inline_max_bytes: Bytes = 1_048_576
    bandwidth: Bandwidth = msgspec.field(default_factory=Bandwidth)


class Directory(Section, frozen=True, kw_only=True):
    """A folder that takes the samples instead of a broker."""

    path: str


class Remote(Section, frozen=True, kw_only=True):
    """What may be wanted of this device over MQTT, on `desired`.

    Attributes:
        configuration: whether selection, labels, budgets and the like may be changed so.
        trial_s: a change that fails within so long is taken back.
    """

    configuration: bool = False
    trial_s: Annotated[float, Meta(ge=1, le=86_400)] = 300.0


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
    labels: Labels = msgspec.field(default_factory=Labels)
    selection: Selection = msgspec.field(default_factory=Selection)
    health: Health = msgspec.field(default_factory=Health)
    spool: Spool = msgspec.field(default_factory=Spool)
    decisions: Decisions = msgspec.field(default_factory=Decisions)
    mqtt: Mqtt | None = None
    directory: Directory | None = None
    remote: Remote = msgspec.field(default_factory=Remote)
    http: Http = msgspec.field(default_factory=Http)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
