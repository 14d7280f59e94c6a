"""The spooler stage: JPEG, parcel, one durable transaction. A full disk makes it wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from uuid6 import uuid7

from gleancam import jpeg
from gleancam.channel import Channel
from gleancam.errors import ChannelClosedError, SpoolFullError
from gleancam.inference import Harvest
from gleancam.metrics import Metrics
from gleancam.spool.queue import Spool
from gleancam.stage import Pulse
from gleancam.types import Note, Notes, Sample, SceneChange
from gleancam.wire.context import DeviceContext
from gleancam.wire.event import scene_parcel
from gleancam.wire.parcel import Parcel
from gleancam.wire.sample import sample_parcel

RETRY_S = 1.0
"""How often a full disk is tried again."""

Degraded: TypeAlias = Callable[[str], None]
"""Told why nothing can be spooled, once; and an empty string when it works again."""


@dataclass(frozen=True, slots=True)
class ImagePolicy:
    """How pictures are encoded.

    Attributes:
        quality: libjpeg's, 1…100.
        limit_bytes: a picture is made smaller until it fits.
        longest_side: pixels, to which a larger one is shrunk first; 0: as the camera has it.
    """

    quality: int
    limit_bytes: int
    longest_side: int = 0


class Spooler:
    """Takes what was kept and returns when the channel is closed and empty."""

    def __init__(
        self,
        inbox: Channel[Harvest],
        spool: Spool,
        context: Callable[[], DeviceContext],
        policy: ImagePolicy,
        metrics: Metrics,
        on_degraded: Degraded,
        on_committed: Callable[[Parcel], None],
    ) -> None:
        self._inbox = inbox
        self._spool = spool
        self._context = context
        self._policy = policy
        self._metrics = metrics
        self._on_degraded = on_degraded
        self._on_committed = on_committed
        self._full = False

    @property
    def full(self) -> bool:
        """Whether the disk takes nothing now."""
        return self._full

    def run(self, pulse: Pulse) -> None:
        """Spool until the inbox is closed and empty, or, while the disk is full, until stopped.

        Raises:
            SpoolError: the spool is damaged.
        """
        while True:
            try:
                item = self._inbox.get(pulse=pulse)
            except ChannelClosedError:
                return
            if item is not None:
                self._take(item, pulse)

    def _take(self, item: Harvest, pulse: Pulse) -> None:
        if isinstance(item, Notes):
            self._commit(lambda: self._note(item.notes), pulse)
        else:
            self._take_parcel(item, pulse)

    def _take_parcel(self, item: Sample | SceneChange, pulse: Pulse) -> None:
        began = time.monotonic()
        parcel = self._parcel(item)
        notes = item.notes if isinstance(item, Sample) else ()
        pulse.beat()
        if self._commit(lambda: self._add(parcel, notes), pulse):
            self._metrics.inc("spool_committed", kind=parcel.kind)
            self._metrics.observe("stage_seconds", time.monotonic() - began, stage="spool")
            self._on_committed(parcel)
        else:
            self._metrics.inc("spool_lost", reason="stopped")

    def _parcel(self, item: Sample | SceneChange) -> Parcel:
        context = self._context()
        if isinstance(item, SceneChange):
            return scene_parcel(item, str(uuid7()), context)
        planes, policy = item.embedded.frame.planes, self._policy
        # Delivery judges a picture that fits nowhere: it becomes a dead letter that can be seen.
        image = jpeg.best(planes, policy.limit_bytes, policy.quality, policy.longest_side)
        return sample_parcel(item, image, context)

    def _commit(self, store: Callable[[], None], pulse: Pulse) -> bool:
        """Store something, however long it takes; False when stopped before."""
        while not self._try(store):
            if pulse.sleep(RETRY_S, on="disk"):
                return False
        return True

    def _try(self, store: Callable[[], None]) -> bool:
        try:
            store()
        except SpoolFullError as error:
            self._report_full(str(error))
            return False
        self._report_full("")
        return True

    def _add(self, parcel: Parcel, notes: tuple[Note, ...]) -> None:
        evicted = self._spool.add(parcel, notes)
        self._metrics.inc("spool_lost", len(evicted), reason="evicted")

    def _note(self, notes: tuple[Note, ...]) -> None:
        self._spool.note(notes)

    def _report_full(self, why: str) -> None:
        if self._full != bool(why):
            self._full = bool(why)
            self._metrics.set("spool_full", float(self._full))
            self._on_degraded(why)
