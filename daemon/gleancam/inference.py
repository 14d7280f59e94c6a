"""The stage that owns the accelerator: embed first, label when idle.

Kept frames wait in `pending`, at most `PENDING_LABELS` of them, until no frame waits to be
embedded, the list is full, or the oldest has waited `label_deadline_s`. Handing a sample on blocks
while the spool is behind: frames are then lost in the slots, where losses are counted.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from gleancam.channel import Channel, FrameSlots
from gleancam.errors import ChannelClosedError
from gleancam.glean import Gleaner, Outcome
from gleancam.labelling import Labeller
from gleancam.metrics import Metrics
from gleancam.stage import Pulse
from gleancam.types import EmbeddedFrame, Pending, Sample, SceneChange

log = logging.getLogger(__name__)

PENDING_LABELS = 8
IDLE_WAIT_S = 0.5

Harvest: TypeAlias = Sample | SceneChange
"""What leaves the inference stage for the spool."""


class Inference:
    """Frames in, samples and scene changes out. `run` is the stage's function."""

    def __init__(
        self,
        gleaner: Gleaner,
        labeller: Labeller,
        slots: FrameSlots,
        harvest: Channel[Harvest],
        metrics: Metrics,
        label_deadline_s: float,
    ) -> None:
        self._gleaner = gleaner
        self._labeller = labeller
        self._slots = slots
        self._harvest = harvest
        self._metrics = metrics
        self._deadline_ns = int(label_deadline_s * 1e9)
        self._pending: deque[Outcome] = deque()

    def run(self, pulse: Pulse) -> None:
        """Work until the slots are closed and empty, then hand on what is left and close."""
        try:
            while self._look(pulse):
                self._label_some(pulse)
            self._label_while(lambda: True, pulse)
            self._harvest.close()
        except ChannelClosedError:
            # The spooler was given up while it waited for the disk.
            log.error("%d kept frames could not be handed on", len(self._pending) + 1)  # noqa: TRY400 - expected

    def _look(self, pulse: Pulse) -> bool:
        """Take one batch of frames and decide about each; False when no more will come."""
        pulse.beat()
        try:
            batch = self._slots.take(0 if self._pending else IDLE_WAIT_S, pulse)
        except ChannelClosedError:
            return False
        self._glean(batch, pulse)
        return True

    def _glean(self, batch: list[Pending], pulse: Pulse) -> None:
        if not batch:
            return
        started = time.perf_counter()
        outcomes = self._gleaner.step(batch)
        self._metrics.observe("stage_seconds", time.perf_counter() - started, stage="glean")
        for outcome in outcomes:
            self._count(outcome)
            for change in outcome.changes:
                self._harvest.put(change, pulse)
            if outcome.sample_id is not None:
                self._pending.append(outcome)

    def _label_some(self, pulse: Pulse) -> None:
        self._label_while(lambda: len(self._pending) >= PENDING_LABELS or self._overdue(), pulse)
        self._label_while(lambda: not self._slots.has_frame(), pulse)

    def _label_while(self, wanted: Callable[[], bool], pulse: Pulse) -> None:
        while self._pending and wanted():
            self._harvest.put(self._label(self._pending.popleft()), pulse)

    def _overdue(self) -> bool:
        frame = _embedded(self._pending[0]).frame
        return time.monotonic_ns() - frame.mono_ns > self._deadline_ns

    def _label(self, outcome: Outcome) -> Sample:
        embedded = _embedded(outcome)
        started = time.perf_counter()
        labels, evidence = self._labeller.label(outcome.camera_id, embedded.frame.planes)
        self._metrics.observe("stage_seconds", time.perf_counter() - started, stage="label")
        assert outcome.sample_id is not None  # noqa: S101 - only kept frames are pending
        assert outcome.decision is not None  # noqa: S101 - as above
        return Sample(
            outcome.sample_id, embedded, outcome.decision, outcome.scene_id, labels, evidence
        )

    def _count(self, outcome: Outcome) -> None:
        camera = outcome.camera_id
        for change in outcome.changes:
            self._metrics.inc("scene_changes", camera=camera, kind=change.kind)
        if outcome.gated:
            self._metrics.inc("frames_gated", camera=camera)
        elif outcome.failure is not None:
            self._metrics.inc("frames_lost", camera=camera, reason="failed")
        elif outcome.decision is not None:
            reason = outcome.decision.reason.value
            self._metrics.inc("frames_embedded", camera=camera)
            self._metrics.inc("frames_decided", camera=camera, reason=reason)
            if outcome.decision.keep:
                self._metrics.inc("frames_kept", camera=camera, reason=reason)


def _embedded(outcome: Outcome) -> EmbeddedFrame:
    assert outcome.embedded is not None  # noqa: S101 - a kept frame has been embedded
    return outcome.embedded
