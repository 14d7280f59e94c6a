"""The stage that owns the accelerator: embed first, label when idle.

Kept frames wait (`unlabelled.py`) until no frame waits to be embedded, `MOST_WAITING` of them wait,
or the oldest has waited `label_deadline_s`. Then detectors look at them, a batch at a time, and
embedding comes between where none of the three holds any more. Labelled, they are handed on. That
blocks while the spooler is behind: frames are then lost in the slots, where losses are counted.
While the disk is full it does not block: watching goes on, and what would be kept is `over_budget`.
When nothing at all is to be done, detectors look at what was not kept (`second_look.py`).

A frame that cannot be embedded is lost and counted. When that is all that happens, the model is
broken, and the stage ends: watching on would see nothing and say nothing.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeAlias

from gleancam.captures import Capture
from gleancam.channel import Channel, FrameSlots
from gleancam.condition import Condition
from gleancam.errors import ChannelClosedError
from gleancam.glean import Gleaner
from gleancam.labelling import Labeller
from gleancam.metrics import Metrics
from gleancam.outcome import Outcome
from gleancam.second_look import SecondLook
from gleancam.settlements import Settled
from gleancam.stage import Pulse
from gleancam.types import Notes, Pending, Sample, SceneChange
from gleancam.unlabelled import MOST_WAITING, Unlabelled
from gleancam_engines.errors import TensorError

log = logging.getLogger(__name__)

MOST_EVENTS = 64
IDLE_WAIT_S = 0.5
PATIENCE_S = 0.5
"""How long a blocked hand-over waits before it asks again whether the disk is full."""

MOST_FAILED = 64
"""So many frames in a row, of whatever camera, may fail to be embedded."""

Harvest: TypeAlias = Sample | SceneChange | Notes
"""What leaves the inference stage for the spool."""


class Inference:
    """Frames in, samples and scene changes out. `run` is the stage's function.

    Args of the constructor:
        disk_full: whether the spooler can take nothing for the time being.
        tell: is called with the conditions of a camera after each of its frames.
        settled: takes what was spooled since the last time, and what it cost.
        captures: takes the requests for a picture since the last time.
        record: is called with every outcome, in the order of the decisions; must not block.
    """

    def __init__(  # noqa: PLR0913 - one argument for each neighbour of the stage
        self,
        gleaner: Gleaner,
        labeller: Labeller,
        slots: FrameSlots,
        harvest: Channel[Harvest],
        metrics: Metrics,
        label_deadline_s: float,
        disk_full: Callable[[], bool],
        tell: Callable[[str, tuple[Condition, ...]], None],
        *,
        settled: Callable[[], Iterable[Settled]] = tuple,
        captures: Callable[[], Iterable[Capture]] = tuple,
        record: Callable[[Outcome], None] | None = None,
    ) -> None:
        self._gleaner = gleaner
        self._slots = slots
        self._harvest = harvest
        self._metrics = metrics
        self._disk_full = disk_full
        self._tell = tell
        self._settled = settled
        self._captures = captures
        self._record = record
        self._second = SecondLook(gleaner, labeller, metrics)
        self._unlabelled = Unlabelled(labeller, metrics, label_deadline_s)
        self._ready: deque[Harvest] = deque()
        self._failed = 0

    def run(self, pulse: Pulse) -> None:
        """Work until the slots are closed and empty, then hand on what is left and close.

        Raises:
            TensorError: `MOST_FAILED` frames in a row could not be embedded.
            EngineError: the device that runs the models failed.
        """
        try:
            while self._look(pulse):
                self._label_while(self._is_due, pulse)
                self._look_again(pulse)
                self._hand_on(pulse)
            self._label_while(lambda: True, pulse)
            self._hand_on(pulse)
        except ChannelClosedError:
            # The spooler was given up while it waited for the disk.
            log.debug("the spooler takes nothing more")
        if left := sum(not isinstance(item, Notes) for item in self._ready):
            log.error("%d kept frames and events could not be handed on", left)
            self._metrics.inc("spool_lost", left, reason="stopped")
        self._harvest.close()

    def _look(self, pulse: Pulse) -> bool:
        """Take one batch of frames and decide about each; False when no more will come."""
        pulse.beat()
        for camera_id, parcel_id, wire_bytes in self._settled():
            self._gleaner.judges.budgets.settle(camera_id, parcel_id, wire_bytes)
        try:
            batch = self._slots.take(0 if self._unlabelled else IDLE_WAIT_S, pulse)
        except ChannelClosedError:
            return False
        for camera_id, request_id in self._captures():
            self._gleaner.capture(camera_id, request_id)
        if batch:
            self._glean(batch)
        return True

    def _glean(self, batch: list[Pending]) -> None:
        started = time.perf_counter()
        waiting = len(self._unlabelled) + len(self._ready)
        room = not self._disk_full() or waiting < MOST_WAITING
        outcomes = self._gleaner.step(batch, room=room)
        self._metrics.observe("stage_seconds", time.perf_counter() - started, stage="glean")
        for outcome in outcomes:
            self._count(outcome)
            if self._record is not None:
                self._record(outcome)
            if outcome.conditions is not None:
                self._tell(outcome.camera_id, outcome.conditions)
            for change in outcome.changes:
                self._note(change)
            if outcome.sample_id is not None:
                self._unlabelled.add(outcome)
            else:
                self._second.offer(outcome)
        self._show_memories()
        self._show_budgets()
        self._show_lotteries()

    def _show_lotteries(self) -> None:
        for facts in self._gleaner.judges.lotteries.facts():
            camera = facts.camera_id
            self._metrics.set("lottery_epoch", facts.epoch, camera=camera)
            self._metrics.set("lottery_propensity", facts.propensity, camera=camera)
            self._metrics.set("lottery_sampled", facts.sampled, camera=camera)

    def _show_budgets(self) -> None:
        budgets, metrics = self._gleaner.judges.budgets, self._metrics
        for budget in budgets.facts():
            metrics.set("budget_left", budget.left, account=budget.account, unit=budget.unit)
        for ration in budgets.rations():
            camera = ration.camera_id
            metrics.set("selection_threshold", ration.threshold, camera=camera)
            metrics.set("selection_floor", ration.floor, camera=camera)
            if ration.percentile is not None:
                metrics.set("selection_percentile", ration.percentile, camera=camera)

    def _show_memories(self) -> None:
        judges = self._gleaner.judges
        for facts in (*judges.memories.facts(), *judges.regions.facts()):
            name = facts.memory
            self._metrics.set("memory_centres", facts.sent, memory=name, sent="true")
            self._metrics.set(
                "memory_centres", facts.centres - facts.sent, memory=name, sent="false"
            )
            self._metrics.set("memory_seen", facts.seen, memory=name)
            self._metrics.set("memory_radius", facts.radius, memory=name)
            self._metrics.set("memory_epoch", facts.epoch, memory=name)

    def _note(self, change: SceneChange) -> None:
        self._metrics.inc("scene_changes", camera=change.camera_id, kind=change.kind)
        if len(self._ready) < MOST_EVENTS:
            self._ready.append(change)
        else:
            self._metrics.inc("events_lost", camera=change.camera_id, reason="disk_full")

    def _is_due(self) -> bool:
        return not self._slots.has_frame() or self._unlabelled.is_due()

    def _label_while(self, wanted: Callable[[], bool], pulse: Pulse) -> None:
        while self._unlabelled and wanted():
            pulse.beat()
            self._ready.extend(self._unlabelled.step(ending=self._slots.closed))

    def _look_again(self, pulse: Pulse) -> None:
        """While there is nothing else to do, show what was not kept to the detectors."""
        while self._second.waits and self._is_idle():
            if (sample := self._second.look(pulse.beat)) is not None:
                self._ready.append(sample)

    def _is_idle(self) -> bool:
        busy = self._slots.has_frame() or self._unlabelled or self._ready
        return not busy and not self._disk_full()

    def _hand_on(self, pulse: Pulse) -> None:
        """Give the spooler what is ready: all of it, or while the disk is full what fits."""
        self._remember()
        while self._ready:
            disk_full = self._disk_full()
            if self._harvest.put(self._ready[0], pulse, 0 if disk_full else PATIENCE_S):
                self._ready.popleft()
            elif disk_full:
                return

    def _remember(self) -> None:
        """Have stored what changed since the last kept frame, unless one is still on its way.

        What is remembered of a frame must not be on the disk before the frame.
        """
        if self._unlabelled or self._ready or self._disk_full():
            return
        if notes := self._gleaner.judges.drain():
            self._ready.append(Notes(notes))

    def _count(self, outcome: Outcome) -> None:
        camera = outcome.camera_id
        self._count_draw(outcome)
        if outcome.gated:
            self._metrics.inc("frames_gated", camera=camera)
        elif outcome.failure is not None:
            self._metrics.inc("frames_lost", camera=camera, reason="failed")
            self._fail(camera, outcome.failure)
        elif outcome.decision is not None:
            self._failed = 0
            reason = outcome.decision.reason.value
            self._metrics.inc("frames_embedded", camera=camera)
            if outcome.observation is not None:
                self._metrics.inc(
                    "regions_embedded", len(outcome.observation.regions), camera=camera
                )
            self._metrics.inc("frames_decided", camera=camera, reason=reason)
            if outcome.decision.keep:
                self._metrics.inc("frames_kept", camera=camera, reason=reason)
            if outcome.decision.beyond_band:
                self._metrics.inc("frames_beyond_band", camera=camera)

    def _count_draw(self, outcome: Outcome) -> None:
        if not outcome.draw.drawn:
            return
        self._metrics.inc("frames_drawn", camera=outcome.camera_id)
        if outcome.sample_id is None:
            reason = "disk_full" if outcome.failure is None else "failed"
            self._metrics.inc("draws_refused", camera=outcome.camera_id, reason=reason)

    def _fail(self, camera: str, why: str) -> None:
        self._failed += 1
        extra = {"camera": camera, "limit": "embedding"}
        log.warning("a frame could not be embedded: %s", why, extra=extra)
        if self._failed >= MOST_FAILED:
            raise TensorError(
                f"{self._failed} frames in a row could not be embedded, the last since {why}; "
                "verify the model with 'gleancam models verify', or set another precision"
            )
