"""Running one camera for ever: restart after failure, tell the board, log sparingly."""

from __future__ import annotations

import logging
import random
import time

from gleancam.backoff import PERMANENT, TRANSIENT
from gleancam.cameras import CameraBoard
from gleancam.config.keys import Camera
from gleancam.errors import ChannelClosedError, SourceError
from gleancam.metrics import Metrics
from gleancam.sources.base import Source
from gleancam.sources.outlet import CameraOutlet
from gleancam.stage import Pulse

_log = logging.getLogger(__name__)

GOOD_RUN_S = 60.0
"""After pictures for this long, a failure counts as the first again."""


def supervise(
    source: Source,
    outlet: CameraOutlet,
    camera: Camera,
    board: CameraBoard,
    metrics: Metrics,
    pulse: Pulse,
    rng: random.Random,
) -> None:
    """Run a source until `pulse.stopping`, or until a finite one ends.

    It runs on a stage of its own, so a camera that is absent or slow delays no other.
    """
    failures = 0
    while not pulse.stopping:
        started_ns = time.monotonic_ns()
        error = _run_once(source, outlet, pulse)
        metrics.set("camera_up", 0, camera=camera.id)
        if error is None:
            break
        good = outlet.pictures and time.monotonic_ns() - started_ns > GOOD_RUN_S * 1e9
        failures = 1 if good else failures + 1
        wait_s = (TRANSIENT if error.transient else PERMANENT).wait_s(failures, rng)
        board.failed(camera.id, error.kind, str(error))
        metrics.inc("camera_restarts", camera=camera.id, kind=error.kind)
        _log_failure(camera.id, error, wait_s)
        pulse.sleep(wait_s)
    if not pulse.stopping:
        board.failed(camera.id, "end_of_stream", "the source came to its end")


def _run_once(source: Source, outlet: CameraOutlet, pulse: Pulse) -> SourceError | None:
    outlet.begin()
    try:
        source.run(outlet, pulse)
    except SourceError as error:
        return error
    except ChannelClosedError:
        # The frame slots close after the sources were asked to stop.
        if not pulse.stopping:
            raise
    finally:
        outlet.settle()
    return None


def _log_failure(camera_id: str, error: SourceError, wait_s: float) -> None:
    extra = {"camera": camera_id, "kind": error.kind, "retry_s": f"{wait_s:.1f}"}
    _log.warning("%s", error, extra={**extra, "limit": f"camera {camera_id}"})
