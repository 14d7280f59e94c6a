"""The cameras: a supervised stage each."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

from gleancam.cameras import CameraBoard
from gleancam.channel import FrameSlots
from gleancam.config.keys import AnyCamera
from gleancam.lifecycle import Part
from gleancam.metrics import Metrics
from gleancam.parts.budgets import SOURCES_BUDGET_S
from gleancam.pause import Pause
from gleancam.sources.build import open_source
from gleancam.sources.outlet import CameraOutlet
from gleancam.sources.supervise import supervise
from gleancam.stage import Pulse, Stage


def run_camera(
    camera: AnyCamera, slots: FrameSlots, metrics: Metrics, board: CameraBoard, pause: Pause
) -> Callable[[Pulse], None]:
    """Return what a camera's stage runs."""
    outlet = CameraOutlet(camera, slots, metrics, board, pause)
    source = open_source(camera)

    def run(pulse: Pulse) -> None:
        # Jitter wants no secrecy, only that devices differ.
        rng = random.Random()  # noqa: S311
        supervise(source, outlet, camera, board, metrics, pulse, rng)

    return run


def sources_part(stages: Sequence[Stage]) -> Part:
    """Make one part of all cameras, so that they stop side by side."""

    def start() -> None:
        for stage in stages:
            stage.start()

    def stop(budget_s: float) -> bool:
        deadline = time.monotonic() + budget_s
        for stage in stages:
            stage.stop()
        ended = [stage.join(max(0.0, deadline - time.monotonic())) for stage in stages]
        return all(ended)

    return Part("sources", start, stop, SOURCES_BUDGET_S, tuple(stages))
