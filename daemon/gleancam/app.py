"""The running daemon: every part, started downstream-first and stopped upstream-first.

With `parts/`, which build the single parts, the only place that names concrete classes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from prometheus_client import CollectorRegistry

from gleancam.cameras import CameraBoard
from gleancam.captures import Capture, Captures
from gleancam.channel import Channel, FrameSlots, WhenFull
from gleancam.config.keys import Config, Models
from gleancam.delivery.known_commands import KnownCommands
from gleancam.describe import describe
from gleancam.http_server import HttpServer, metrics_page, verdict
from gleancam.inference import Harvest
from gleancam.lifecycle import CrashReport, Lifecycle, Part, stage_part
from gleancam.metrics import Metrics
from gleancam.models import LoadedModels, open_models
from gleancam.notify import Notifier
from gleancam.parts import budgets
from gleancam.parts.addresses import topics
from gleancam.parts.bandwidth import MeteredOrder, make_bandwidth
from gleancam.parts.commands import Orders
from gleancam.parts.decisions import DecisionLog, make_decision_log
from gleancam.parts.delivery import make_delivery
from gleancam.parts.examiner import Examiner
from gleancam.parts.inference import Between, make_inference
from gleancam.parts.labelling import OpenDetector, make_ensemble, make_panel
from gleancam.parts.references import read_references
from gleancam.parts.sources import run_camera, sources_part
from gleancam.parts.spooler import device_context, make_spooler
from gleancam.pause import Pause
from gleancam.settlements import Settlements
from gleancam.spool.queue import Spool
from gleancam.stage import Pulse, Stage
from gleancam.statuses import Statuses
from gleancam.twin.trial import Seen
from gleancam.twin.twin import Twin
from gleancam.types import Notes

log = logging.getLogger(__name__)

HARVEST_CAPACITY = 8
SILENT_LIMIT_S = 30.0
RESCUE_S = 300.0
"""For what can be saved of a damaged spool, at its largest."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What outlives a change of the configuration.

    Attributes:
        counted: whether an `App` has run with these counts before.
        models: that are open; None at first, or when they were closed.
        models_of: the configuration they were opened for.
    """

    registry: CollectorRegistry
    metrics: Metrics
    captures: Captures
    pause: Pause
    known: KnownCommands
    counted: bool = False
    models: LoadedModels | None = None
    models_of: Models | None = None

    @classmethod
    def nothing(cls) -> Kept:
        """What a process begins with."""
        registry = CollectorRegistry()
        return cls(registry, Metrics(registry), Captures(), Pause(), KnownCommands())


class App:
    """The running daemon. `start`, `tick`, `capture` and `stop` belong to the main thread.

    Raises:
        ConfigurationError: a file or address that the configuration names cannot be used.
        SpoolError: the spool cannot be read.
        CalibrationError: that of the detectors cannot be used.
    """

    def __init__(
        self,
        config: Config,
        spool: Spool,
        models: LoadedModels,
        notifier: Notifier,
        kept: Kept,
        twin: Twin,
    ) -> None:
        self._config = config
        self._models = models
        self._notifier = notifier
        self._kept = kept
        self._twin = twin
        self._reported = -1
        self._crash = CrashReport()
        self._ready = False
        self._left: tuple[str, ...] = ()
        self.registry, self._metrics = kept.registry, kept.metrics
        self._cameras = tuple(camera for camera in config.cameras if camera.enabled)
        self._board = CameraBoard(
            [camera.id for camera in self._cameras],
            [camera.id for camera in config.cameras if not camera.enabled],
        )
        self._captures, self._pause = kept.captures, kept.pause
        self._slots = FrameSlots([camera.id for camera in self._cameras])
        self._harvest: Channel[Harvest] = Channel("spooler", HARVEST_CAPACITY, WhenFull.BLOCK)
        self._spool = spool
        self._show_found()
        pairs = zip(models.running[1:], models.detectors, strict=True)
        self._panel = make_panel(
            config, [OpenDetector(one.manifest, ready) for one, ready in pairs]
        )
        self._ensemble = make_ensemble(config, self._panel)
        self._context = device_context(config, self._ensemble)
        bandwidth = make_bandwidth(config.mqtt, spool, self._metrics) if config.mqtt else None
        self._delivery = make_delivery(
            config,
            self._spool,
            self._context,
            self._metrics,
            self._crash.report,
            bandwidth,
            kept.known,
            twin.hear if twin.allowed else None,
        )
        self._statuses = Statuses(topics(config), self._delivery, self._board)
        if bandwidth is not None:
            MeteredOrder(bandwidth, self._statuses).obeyed_by(self._delivery)
        self._orders().obeyed_by(self._delivery)
        self._examiner = Examiner(config, self._delivery.nudge)
        self._examiner.obeyed_by(self._delivery)
        self._lifecycle = Lifecycle(self._parts())

    @property
    def crashed(self) -> bool:
        """Whether a stage has ended by raising."""
        return self._crash.happened

    @property
    def exit_code(self) -> int:
        """What the process should end with: 0 without a crash, when everything has stopped."""
        return self._crash.exit_code or int(bool(self._left))

    @property
    def overdue(self) -> bool:
        """Whether something did not stop, and runs on."""
        return bool(self._left)

    def start(self) -> None:
        """Start everything and say so."""
        self._statuses.describe(describe(self._config, self._models, self._ensemble))
        self._statuses.paused(on=self._pause.on)
        self._report()
        self._statuses.enter("starting")
        self._show_engines()
        self._lifecycle.start()
        self._ready = True
        self._statuses.enter("ready")
        self._notifier.ready()
        self._notifier.status(f"watching {len(self._cameras)} cameras")

    def tick(self) -> bool:
        """Publish what changed; ping the watchdog while every stage is well.

        Returns:
            Whether another configuration is to run: end this one with `leave`.
        """
        self._statuses.look()
        if self._twin.look(self._seen()):
            return True
        self._report()
        if not self._lifecycle.silent(SILENT_LIMIT_S):
            self._notifier.watchdog()
        return False

    def capture(self, request_id: str) -> None:
        """Ask for the next frame of every camera; the same id twice is one request.

        While paused it is refused, as it is over MQTT: later is not what was asked for.
        """
        if self._pause.on:
            log.warning("no picture is taken while paused: resume first")
            return
        for camera in self._cameras:
            self._captures.put(Capture(camera.id, request_id))

    def stop(self) -> None:
        """Stop everything; what was committed stays in the spool.

        When something is `overdue`, spool and models stay open: it may be using them.
        """
        self._notifier.stopping()
        self._stop("")
        if not self._left:
            self._models.close()

    def leave(self) -> Kept:
        """Stop everything in the same order, but keep what another configuration goes on with."""
        self._notifier.status("taking on another configuration")
        self._report()
        self._stop("taking on another configuration")
        return replace(self._kept, counted=True, models=self._models, models_of=self._config.models)

    def _stop(self, why: str) -> None:
        self._ready = False
        self._statuses.enter("draining")
        self._statuses.stopped(why)
        self._left = self._lifecycle.stop()
        if left := sum(not isinstance(item, Notes) for item in self._harvest.drain()):
            log.error("%d kept frames and events were not committed to the spool", left)
            self._metrics.inc("spool_lost", left, reason="stopped")
        if not self._left:
            self._spool.close()

    def _seen(self) -> Seen:
        states = self._board.states()
        return Seen(
            frozenset(one.camera_id for one in states if one.state == "online"),
            frozenset(camera.id for camera in self._cameras),
            connected=self._delivery.session is not None,
        )

    def _report(self) -> None:
        if self._config.mqtt is not None and self._reported != self._twin.changes:
            self._reported = self._twin.changes
            self._statuses.report(self._twin.report)

    def _parts(self) -> list[Part]:
        """All parts, downstream first."""
        config, models, settlements = self._config, self._models, Settlements()
        spooler = make_spooler(
            config,
            self._harvest,
            self._spool,
            self._context,
            self._metrics,
            self._statuses,
            self._delivery,
            settlements,
        )
        noted, space_id = self._spool.noted(), models.embedder.space_id
        references = read_references(config.selection, space_id)
        decisions = make_decision_log(config, space_id, references, noted, self._metrics)
        between = Between(
            self._slots,
            self._harvest,
            lambda: spooler.full,
            self._board,
            noted,
            decisions.recorder.overhear(settlements.take) if decisions else settlements.take,
            self._captures.take,
            decisions.recorder.record if decisions else None,
        )
        inference = make_inference(
            config, self._cameras, models, references, self._panel, between, self._metrics
        )
        return [
            stage_part(self._stage("http", self._server().run), budgets.HTTP_BUDGET_S),
            stage_part(
                self._stage("doctor", self._examiner.run),
                budgets.DOCTOR_BUDGET_S,
                end=self._examiner.close,
            ),
            stage_part(self._stage("delivery", self._delivery.run), budgets.DELIVERY_BUDGET_S),
            stage_part(
                self._stage("spooler", spooler.run),
                budgets.SPOOLER_BUDGET_S,
                end=self._harvest.close,
            ),
            *([self._decisions_part(decisions)] if decisions else []),
            stage_part(
                self._stage("inference", inference.run),
                budgets.INFERENCE_BUDGET_S,
                end=self._slots.close,
            ),
            sources_part(self._camera_stages()),
        ]

    def _decisions_part(self, decisions: DecisionLog) -> Part:
        stage = self._stage("decisions", decisions.writer.run)
        return stage_part(stage, budgets.DECISIONS_BUDGET_S, end=decisions.channel.close)

    def _orders(self) -> Orders:
        watched = tuple(camera.id for camera in self._cameras)
        return Orders(watched, self._captures, self._pause, self._statuses, self._metrics)

    def _stage(self, name: str, run: Callable[[Pulse], None]) -> Stage:
        return Stage(name, run, self._crash.report)

    def _camera_stages(self) -> list[Stage]:
        return [
            self._stage(
                f"source-{camera.id}",
                run_camera(camera, self._slots, self._metrics, self._board, self._pause),
            )
            for camera in self._cameras
        ]

    def _server(self) -> HttpServer:
        pages = {
            "/metrics": metrics_page(self.registry),
            "/healthz": verdict(self._illness),
            "/readyz": verdict(self._unreadiness),
        }
        return HttpServer(self._config.http.host, self._config.http.port, pages)

    def _illness(self) -> str:
        silent = self._lifecycle.silent(SILENT_LIMIT_S)
        return f"silent: {', '.join(silent)}" if silent else ""

    def _unreadiness(self) -> str:
        return "" if self._ready else "starting or stopping"

    def _show_found(self) -> None:
        if not self._kept.counted:  # later, what it finds is what was counted before
            self._metrics.set("spool_found", self._spool.found)
        if self._spool.rescued is not None:
            lost = self._spool.rescued.salvage.lost
            self._metrics.inc("spool_lost", lost, reason="damaged")

    def _show_engines(self) -> None:
        for provenance in (model.provenance for model in self._models.running):
            self._metrics.set(
                "engine",
                1,
                model=provenance.model_id,
                backend=provenance.backend,
                precision=provenance.precision,
            )


def build(config: Config, notifier: Notifier, kept: Kept, twin: Twin) -> App:
    """Open the spool, then the models, which takes long, then build the rest.

    The spool comes first: models may be checked on its pictures, and a damaged one is mended.
    Models of `kept` that are those of `config` are not opened again; others are closed first.

    Raises:
        EngineError: a model cannot be used.
        GleancamError: as `App`, or the spool is in use, or has no pictures that can be read.
    """
    path, limits = Path(config.spool.path), config.spool
    notifier.extend_timeout(RESCUE_S)
    with ExitStack() as opened:
        models = opened.enter_context(closing(kept.models)) if kept.models else None
        if models is not None and kept.models_of != config.models:
            opened.close()
            models = None
        spool = opened.enter_context(
            closing(Spool.open(path, limits.max_bytes, limits.reserve_bytes))
        )
        if models is None:
            models = opened.enter_context(closing(open_models(config.models, path, notifier)))
        app = App(config, spool, models, notifier, kept, twin)
        opened.pop_all()
    return app
