"""The composition root: builds every part, starts them downstream-first, stops them upstream-first.

The only place that names concrete classes.
"""

from __future__ import annotations

import hashlib
import logging
import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry
from uuid6 import uuid7

from gleancam import clock
from gleancam.cameras import CameraBoard
from gleancam.channel import Channel, FrameSlots, WhenFull
from gleancam.config.keys import AnyCamera, Config
from gleancam.delivery.courier import Delivery, Route
from gleancam.delivery.state import Policy
from gleancam.describe import describe
from gleancam.device import boot_id
from gleancam.errors import GleancamError
from gleancam.glean import Gleaner
from gleancam.http_server import HttpServer, metrics_page, verdict
from gleancam.inference import Harvest, Inference
from gleancam.labelling import Labeller
from gleancam.lifecycle import CrashReport, Lifecycle, Part, stage_part
from gleancam.metrics import Metrics
from gleancam.models import LoadedModels, open_models
from gleancam.notify import Notifier
from gleancam.sinks.base import Sink
from gleancam.sinks.directory import DirectorySink
from gleancam.sinks.mqtt import Identity, MqttSink
from gleancam.sources.build import open_source
from gleancam.sources.outlet import CameraOutlet
from gleancam.sources.supervise import supervise
from gleancam.spool.queue import Spool
from gleancam.spooler import ImagePolicy, Spooler
from gleancam.stage import Pulse, Stage
from gleancam.statuses import Statuses, will
from gleancam.wire.context import DeviceContext
from gleancam.wire.topics import Topics

log = logging.getLogger(__name__)

HARVEST_CAPACITY = 8
SILENT_LIMIT_S = 30.0
DRAIN_S = 6.0

SOURCES_BUDGET_S = 5.0
INFERENCE_BUDGET_S = 8.0
SPOOLER_BUDGET_S = 4.0
DELIVERY_BUDGET_S = DRAIN_S + 4.0
HTTP_BUDGET_S = 1.0


class App:
    """The running daemon. `start`, `tick` and `stop` belong to the main thread.

    Raises:
        ConfigurationError: a file or address that the configuration names cannot be used.
        SpoolError: the spool is damaged or in use.
    """

    def __init__(self, config: Config, models: LoadedModels, notifier: Notifier) -> None:
        self._config = config
        self._models = models
        self._notifier = notifier
        self._crash = CrashReport()
        self._ready = False
        self.registry = CollectorRegistry()
        self._metrics = Metrics(self.registry)
        self._topics = _topics(config)
        self._cameras = tuple(camera for camera in config.cameras if camera.enabled)
        self._board = CameraBoard(
            [camera.id for camera in self._cameras],
            [camera.id for camera in config.cameras if not camera.enabled],
        )
        self._slots = FrameSlots([camera.id for camera in self._cameras])
        self._harvest: Channel[Harvest] = Channel("spooler", HARVEST_CAPACITY, WhenFull.BLOCK)
        self._spool = Spool.open(
            Path(config.spool.path), config.spool.max_bytes, config.spool.reserve_bytes
        )
        self._delivery = self._build_delivery(self._build_sink())
        self._statuses = Statuses(self._topics, self._delivery, self._board)
        self._lifecycle = Lifecycle(self._parts())

    @property
    def crashed(self) -> bool:
        """Whether a stage has ended by raising."""
        return self._crash.happened

    def start(self) -> None:
        """Start everything and say so."""
        self._statuses.describe(describe(self._config, self._models))
        self._statuses.enter("starting")
        self._show_engines()
        self._lifecycle.start()
        self._ready = True
        self._statuses.enter("ready")
        self._notifier.ready()
        self._notifier.status(f"watching {len(self._cameras)} cameras")

    def tick(self) -> None:
        """Publish what changed; ping the watchdog while every stage is well."""
        self._statuses.look()
        if not self._lifecycle.silent(SILENT_LIMIT_S):
            self._notifier.watchdog()

    def stop(self) -> None:
        """Stop everything; what was committed stays in the spool."""
        self._ready = False
        self._notifier.stopping()
        self._statuses.enter("draining")
        self._statuses.stopped()
        self._lifecycle.stop()
        if left := len(self._harvest):
            log.error("%d kept frames and events were not committed to the spool", left)
            self._metrics.inc("spool_lost", left, reason="stopped")
        self._spool.close()
        self._models.close()

    def _parts(self) -> list[Part]:
        spooler = self._build_spooler()
        return [
            self._http_part(),
            stage_part(self._stage("delivery", self._delivery.run), DELIVERY_BUDGET_S),
            stage_part(
                self._stage("spooler", spooler.run), SPOOLER_BUDGET_S, end=self._harvest.close
            ),
            self._inference_part(spooler),
            self._sources_part(),
        ]

    def _stage(self, name: str, run: Callable[[Pulse], None]) -> Stage:
        return Stage(name, run, self._crash.report)

    def _build_sink(self) -> Sink:
        config = self._config
        if config.directory is not None:
            return DirectorySink(Path(config.directory.path))
        assert config.mqtt is not None  # noqa: S101 - config_rules wants exactly one of the two
        identity = Identity(self._topics, self._spool.next_session, partial(will, self._topics))
        return MqttSink(config.mqtt, identity, self._crash.report, self._count_lost_event)

    def _count_lost_event(self, reason: str) -> None:
        self._metrics.inc("sink_events_lost", reason=reason)

    def _build_delivery(self, sink: Sink) -> Delivery:
        mqtt = self._config.mqtt
        return Delivery(
            self._spool,
            sink,
            Policy(
                mqtt.confirm if mqtt else "puback",
                int((mqtt.ack_timeout_s if mqtt else 60.0) * 1e9),
            ),
            Route(
                self._topics,
                mqtt5=mqtt is None or mqtt.protocol == "5",
                image_limit_bytes=_image_limit_bytes(self._config),
                drain_s=DRAIN_S,
            ),
            self._metrics,
        )

    def _build_spooler(self) -> Spooler:
        return Spooler(
            self._harvest,
            self._spool,
            self._context,
            ImagePolicy(self._config.spool.jpeg_quality, _image_limit_bytes(self._config)),
            self._metrics,
            self._statuses.degraded,
            self._delivery.nudge,
        )

    def _context(self) -> DeviceContext:
        return DeviceContext(
            topics=self._topics,
            boot_id=boot_id(),
            clock_synced="true" if clock.synchronised() else "false",
            models=tuple(detector.model_id for detector in self._models.detectors),
        )

    def _inference_part(self, spooler: Spooler) -> Part:
        config, models = self._config, self._models
        gleaner = Gleaner(
            config.selection,
            self._cameras,
            models.embedder.embed,
            models.embedder.space_id,
            lambda: str(uuid7()),
            _policy_id(config, models.embedder.space_id),
            config.models.batch,
        )
        labeller = Labeller(models.detectors, config.models.confidence, self._metrics)
        inference = Inference(
            gleaner,
            labeller,
            self._slots,
            self._harvest,
            self._metrics,
            config.models.label_deadline_s,
            lambda: spooler.full,
        )
        stage = self._stage("inference", inference.run)
        return stage_part(stage, INFERENCE_BUDGET_S, end=self._slots.close)

    def _http_part(self) -> Part:
        pages = {
            "/metrics": metrics_page(self.registry),
            "/healthz": verdict(self._illness),
            "/readyz": verdict(self._unreadiness),
        }
        server = HttpServer(self._config.http.host, self._config.http.port, pages)
        return stage_part(self._stage("http", server.run), HTTP_BUDGET_S)

    def _illness(self) -> str:
        silent = self._lifecycle.silent(SILENT_LIMIT_S)
        return f"silent: {', '.join(silent)}" if silent else ""

    def _unreadiness(self) -> str:
        return "" if self._ready else "starting or stopping"

    def _sources_part(self) -> Part:
        stages = tuple(self._source_stage(camera) for camera in self._cameras)

        def start() -> None:
            for stage in stages:
                stage.start()

        def stop(budget_s: float) -> bool:
            deadline = time.monotonic() + budget_s
            for stage in stages:
                stage.stop()
            ended = [stage.join(max(0.0, deadline - time.monotonic())) for stage in stages]
            return all(ended)

        return Part("sources", start, stop, SOURCES_BUDGET_S, stages)

    def _source_stage(self, camera: AnyCamera) -> Stage:
        outlet = CameraOutlet(camera, self._slots, self._metrics, self._board)
        source = open_source(camera)

        def run(pulse: Pulse) -> None:
            # Jitter wants no secrecy, only that devices differ.
            rng = random.Random()  # noqa: S311
            supervise(source, outlet, camera, self._board, self._metrics, pulse, rng)

        return self._stage(f"source-{camera.id}", run)

    def _show_engines(self) -> None:
        embedder, detectors = self._models.embedder, self._models.detectors
        loaded = [(embedder.model_id, embedder.backend)]
        loaded += [(detector.model_id, detector.backend) for detector in detectors]
        for model, backend in loaded:
            self._metrics.set("engine", 1, model=model, backend=backend)


def build(config: Config, notifier: Notifier) -> App:
    """Open the models, which takes long, then build the rest.

    Raises:
        EngineError: a model cannot be used.
        GleancamError: as `App`.
    """
    models = open_models(config.models, notifier)
    try:
        return App(config, models, notifier)
    except GleancamError:
        models.close()
        raise


def _topics(config: Config) -> Topics:
    return Topics(config.mqtt.prefix if config.mqtt else "gleancam", config.site, config.device)


def _image_limit_bytes(config: Config) -> int:
    return config.mqtt.inline_max_bytes if config.mqtt else config.spool.max_bytes


def _policy_id(config: Config, space_id: str) -> str:
    """Name what decides: the same selection in the same space has the same id."""
    decisive = msgspec.json.encode((config.selection, space_id), order="deterministic")
    return hashlib.sha256(decisive).hexdigest()[:12]
