"""Every metric the daemon exports, in one table: name, kind, labels, meaning.

Counters count events and never go down; rates are the reader's business. Units are in the names
(Prometheus, "Metric and label naming").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

Kind: TypeAlias = Literal["counter", "gauge", "histogram"]

LATENCY_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
AGE_BUCKETS_S = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86400, 604800)


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the table."""

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = LATENCY_BUCKETS_S


TABLE = (
    Metric("frames_produced", "counter", "Sampled pictures that reached the appsink.", ("camera",)),
    Metric("frames_pulled", "counter", "Sampled pictures copied out of the appsink.", ("camera",)),
    Metric(
        "frames_lost",
        "counter",
        "Frames nobody looked at: damaged, sink_overrun, slot_overrun, failed, paused, stopped.",
        ("camera", "reason"),
    ),
    Metric("frames_gated", "counter", "Frames too like the last embedded one.", ("camera",)),
    Metric("frames_embedded", "counter", "Frames embedded.", ("camera",)),
    Metric("regions_embedded", "counter", "Small parts of frames embedded besides.", ("camera",)),
    Metric("frames_decided", "counter", "Embedded frames by verdict.", ("camera", "reason")),
    Metric("frames_kept", "counter", "Frames chosen to be sent.", ("camera", "reason")),
    Metric("frames_drawn", "counter", "Frames the lottery drew.", ("camera",)),
    Metric(
        "draws_refused", "counter", "Drawn, and not kept: disk_full, failed.", ("camera", "reason")
    ),
    Metric("frames_beyond_band", "counter", "Frames too unlike all that was kept.", ("camera",)),
    Metric(
        "frames_doubted",
        "counter",
        "Redundant frames shown to the detectors: kept, sure, empty, over_budget; or replaced.",
        ("camera", "outcome"),
    ),
    Metric("thumbnails_lost", "counter", "Decoder-rate thumbnails overrun.", ("camera",)),
    Metric("events_lost", "counter", "Events nobody will hear of.", ("camera", "reason")),
    Metric("scene_changes", "counter", "Scene changes.", ("camera", "kind")),
    Metric(
        "memory_centres", "gauge", "Centres remembered, of sent frames or not.", ("memory", "sent")
    ),
    Metric("memory_seen", "gauge", "Entries of what was seen near sent frames.", ("memory",)),
    Metric("memory_radius", "gauge", "Cosine distance within which centres cover.", ("memory",)),
    Metric("memory_epoch", "gauge", "Counts up when a memory begins anew.", ("memory",)),
    Metric("budget_left", "gauge", "Bytes or samples left to spend.", ("account", "unit")),
    Metric("selection_threshold", "gauge", "Cosine distance wanted of a frame.", ("camera",)),
    Metric("selection_floor", "gauge", "Noise floor, a cosine distance.", ("camera",)),
    Metric("selection_percentile", "gauge", "Of scores, where the threshold is.", ("camera",)),
    Metric("lottery_epoch", "gauge", "Counts the days of watching.", ("camera",)),
    Metric("lottery_propensity", "gauge", "Chance of each frame in this epoch.", ("camera",)),
    Metric("lottery_sampled", "gauge", "Frames of this epoch that had it.", ("camera",)),
    Metric("decisions_logged", "counter", "Records of the decision log: frame, cost.", ("kind",)),
    Metric(
        "decisions_lost",
        "counter",
        "Records the decision log lacks: behind, unwritable, too_large, stopped.",
        ("kind", "reason"),
    ),
    Metric("decisions_bytes", "gauge", "Bytes the decision log holds."),
    Metric("labels", "counter", "Labels given to kept frames.", ("camera", "class_name")),
    Metric(
        "member_frames",
        "counter",
        "Frames that detectors looked at: ok; or did not: skipped, timeout, failed.",
        ("member", "status"),
    ),
    Metric(
        "boxes_unmapped",
        "counter",
        "Boxes of no class of labels.ontology.",
        ("member", "class_name"),
    ),
    Metric(
        "boxes_dropped",
        "counter",
        "No boxes: not_finite, score, empty; or too many: limit.",
        ("reason",),
    ),
    Metric("detector_seconds", "histogram", "Time of one run of a detector.", ("model",)),
    Metric(
        "detector_batch",
        "histogram",
        "Frames that a detector was given at once.",
        ("model",),
        (1, 2, 4, 8, 16, 32, 64),
    ),
    Metric("stage_seconds", "histogram", "Time one stage spent on one item.", ("stage",)),
    Metric("camera_bytes", "counter", "Encoded video as the cameras sent it.", ("camera",)),
    Metric("camera_up", "gauge", "1 while pictures arrive.", ("camera",)),
    Metric(
        "camera_condition",
        "gauge",
        "1 while the pictures are frozen, dark, overexposed, covered, blurred or moved.",
        ("camera", "condition"),
    ),
    Metric("camera_restarts", "counter", "Restarts of a camera by cause.", ("camera", "kind")),
    Metric("spool_parcels", "gauge", "Parcels on disk by state.", ("state",)),
    Metric("spool_bytes", "gauge", "Bytes the spool's database holds."),
    Metric("spool_committed", "counter", "Parcels written durably.", ("kind",)),
    Metric(
        "spool_lost",
        "counter",
        "Given up: evicted, expired, damaged, dead; stopped: kept, never stored.",
        ("reason",),
    ),
    Metric("spool_found", "gauge", "Parcels that had not ended and were there at the start."),
    Metric("spool_full", "gauge", "1 while the spool can take nothing."),
    Metric("delivery_parcels", "counter", "Parcels by what became of an attempt.", ("outcome",)),
    Metric("delivery_bytes", "counter", "Payload bytes handed to the sink."),
    Metric(
        "delivery_age_seconds",
        "histogram",
        "From capture to the acknowledgement that freed the parcel.",
        buckets=AGE_BUCKETS_S,
    ),
    Metric(
        "link_bytes",
        "counter",
        "Bytes of all that was published, MQTT's own included, at every attempt.",
        ("metered",),
    ),
    Metric("link_left", "gauge", "Bytes left of those of 24 hours: link, metered.", ("account",)),
    Metric("link_metered", "gauge", "1 while a command says that the link costs money."),
    Metric(
        "link_waits",
        "gauge",
        "1 for what keeps parcels back: rate, budget, metered, window, clock.",
        ("reason",),
    ),
    Metric("sink_connected", "gauge", "1 while there is a session with the broker."),
    Metric(
        "broker_unverified", "gauge", "1 while the broker's certificate is not checked, else 0."
    ),
    Metric(
        "sink_events_lost",
        "counter",
        "Messages from consumers thrown away: queue_full, malformed.",
        ("reason",),
    ),
    Metric(
        "commands",
        "counter",
        "Messages on command topics by what they came to; throttled: not even answered.",
        ("name", "outcome"),
    ),
    Metric("paused", "gauge", "1 while by command nobody looks at pictures."),
    Metric("engine", "gauge", "1 for every loaded model.", ("model", "backend", "precision")),
)


class Metrics:
    """The table, alive. Names and labels that are not in it raise `KeyError` or `ValueError`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._metrics = {row.name: _make(row, registry) for row in TABLE}
        self._found: dict[tuple[object, ...], Counter | Gauge | Histogram] = {}

    @classmethod
    def unseen(cls) -> Metrics:
        """Return metrics that nobody reads."""
        return cls(CollectorRegistry())

    def inc(self, name: str, /, amount: float = 1, **labels: str) -> None:
        """Raise a counter."""
        metric = self._one(name, labels)
        assert isinstance(metric, Counter), name  # noqa: S101 - narrows the type
        metric.inc(amount)

    def set(self, name: str, /, value: float, **labels: str) -> None:
        """Set a gauge."""
        metric = self._one(name, labels)
        assert isinstance(metric, Gauge), name  # noqa: S101 - narrows the type
        metric.set(value)

    def observe(self, name: str, /, value: float, **labels: str) -> None:
        """Put one value into a histogram."""
        metric = self._one(name, labels)
        assert isinstance(metric, Histogram), name  # noqa: S101 - narrows the type
        metric.observe(value)

    def _one(self, name: str, labels: dict[str, str]) -> Counter | Gauge | Histogram:
        """Return what is counted with these labels: found before, since looking it up is slow."""
        key = (name, *labels.items())
        found = self._found.get(key)
        if found is None:
            metric = self._metrics[name]
            found = self._found[key] = metric.labels(**labels) if labels else metric
        return found


def _make(row: Metric, registry: CollectorRegistry) -> Counter | Gauge | Histogram:
    name = f"gleancam_{row.name}"
    if row.kind == "histogram":
        return Histogram(name, row.meaning, row.labels, buckets=row.buckets, registry=registry)
    kind = Counter if row.kind == "counter" else Gauge
    return kind(name, row.meaning, row.labels, registry=registry)
