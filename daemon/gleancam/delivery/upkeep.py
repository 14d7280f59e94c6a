"""What the spool needs now and then: giving up what is too old, telling upstream of losses."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from gleancam.metrics import Metrics
from gleancam.spool.queue import Spool
from gleancam.wire.loss import Loss
from gleancam.wire.parcel import Parcel

AGE_EVERY_S = 60.0
TELL_EVERY_S = 2.0

Tombstone: TypeAlias = Callable[[str, tuple[Loss, ...]], Parcel]
"""Makes the parcel that tells of one camera's losses."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Upkeep:
    """Belongs to the delivery stage. Counts what it does.

    Attributes:
        max_age_ns: on the spool's own clock.
    """

    spool: Spool
    metrics: Metrics
    tombstone: Tombstone
    max_age_ns: int
    _age_due_s: float = 0.0
    _tell_due_s: float = 0.0

    def look(self, *, can_send: bool) -> tuple[str, ...]:
        """Do what is due; return the ids of parcels that were given up.

        Raises:
            SpoolFullError: the disk is full; the next call tries again.
        """
        now_s = time.monotonic()
        gone: tuple[str, ...] = ()
        if now_s >= self._age_due_s:
            gone = self._age_out()
            self._age_due_s = now_s + AGE_EVERY_S
        if can_send and now_s >= self._tell_due_s:
            told = self.spool.tell_losses(self.tombstone)
            self.metrics.inc("spool_committed", told, kind="tombstone")
            self._tell_due_s = now_s + TELL_EVERY_S
        return gone

    def _age_out(self) -> tuple[str, ...]:
        gone: list[str] = []
        while expired := self.spool.age_out(self.max_age_ns):
            self.metrics.inc("spool_lost", len(expired), reason="expired")
            log.warning("%d parcels were too old to be kept", len(expired), extra={"limit": "aged"})
            gone += expired
        return tuple(gone)
