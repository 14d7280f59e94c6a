"""Carries delivery's decisions out on the spool, in order and in batches, and counts them."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterable

from gleancam.delivery.actions import (
    Action,
    Await,
    Bury,
    Free,
    GiveBack,
    Hurry,
    Postpone,
    Reset,
    Shrink,
    joint,
)
from gleancam.delivery.state import DeliveryState, Policy
from gleancam.metrics import Metrics
from gleancam.refit import refitted
from gleancam.spool.queue import Spool
from gleancam.wire.parcel import Parcel

POSTPONED_NS = 5 * 10**9
"""First delay of a refused parcel; the spool doubles it at every setback."""

log = logging.getLogger(__name__)


class Settlement:
    """What was decided and is not yet on disk. Nothing is dropped when the disk is full."""

    def __init__(self, spool: Spool, policy: Policy, metrics: Metrics) -> None:
        self._spool = spool
        self._policy = policy
        self._metrics = metrics
        self._todo: deque[Action] = deque()

    def add(self, actions: Iterable[Action]) -> None:
        """Note what is to be done; neighbours of one kind share a transaction."""
        for action in actions:
            joined = joint(self._todo[-1], action) if self._todo else None
            if joined is None:
                self._todo.append(action)
            else:
                self._todo[-1] = joined

    def perform(self) -> None:
        """Do it all, in order.

        Raises:
            SpoolFullError: the disk is full; what is left is done by the next call.
        """
        while self._todo:
            self._do(self._todo[0])
            self._todo.popleft()

    def expire(self, state: DeliveryState) -> None:
        """Make ready again what an online consumer did not acknowledge in time."""
        now_ns = time.monotonic_ns()
        if state.may_expire(now_ns) and (late := self._spool.expire_sent(now_ns)):
            state.expired(late)
            self._count("expired", len(late))

    def fitted(self, parcel: Parcel, image_limit_bytes: int) -> Parcel | None:
        """Return the parcel with an image within the limit; None when it had to be buried.

        Not for a picture whose manifest, with its hash, may be out.
        """
        if parcel.image is None or len(parcel.image) <= image_limit_bytes:
            return parcel
        smaller = refitted(parcel, image_limit_bytes)
        if smaller is None:
            self.bury(parcel.parcel_id, f"its image cannot be made {image_limit_bytes} bytes small")
            return None
        self._spool.replace(smaller)
        self._count("refitted")
        return smaller

    def bury(self, parcel_id: str, why: str) -> None:
        """Make a parcel a dead letter."""
        if self._spool.dead(parcel_id, why):
            log.error("parcel %s is a dead letter: %s", parcel_id, why, extra={"limit": "dead"})
            self._metrics.inc("spool_lost", reason="dead")
            self._count("dead")

    def _do(self, action: Action) -> None:
        match action:
            case Free(ids):
                self._free(ids)
            case Await(ids):
                self._spool.sent(ids, time.monotonic_ns(), self._policy.ack_timeout_ns)
                self._count("accepted", len(ids))
            case Postpone(ids):
                self._spool.delay(ids, time.monotonic_ns(), POSTPONED_NS)
                self._count("refused", len(ids))
            case GiveBack(ids):
                self._spool.release(ids)
            case Shrink(parcel_id, limit):
                self._shrink(parcel_id, limit)
            case Bury(parcel_id, why):
                self.bury(parcel_id, why)
            case Reset():
                self._count("reset", self._spool.reset_in_flight())
            case Hurry():
                self._spool.hurry()

    def _free(self, parcel_ids: tuple[str, ...]) -> None:
        freed = self._spool.gone(parcel_ids)
        held = sum(parcel.kind == "manifest" for parcel in freed)
        self._count("held", held)
        self._count("freed", len(freed) - held)
        now_ns = time.time_ns()
        for parcel in freed:
            if parcel.kind == "picture":
                continue  # came when it was asked for
            age_s = max(0, now_ns - parcel.captured_ns) / 1e9
            self._metrics.observe("delivery_age_seconds", age_s)

    def _shrink(self, parcel_id: str, image_limit_bytes: int) -> None:
        parcel = self._spool.get(parcel_id)
        if parcel is not None and parcel.kind == "picture":
            self.bury(parcel_id, f"the broker takes {image_limit_bytes} bytes; its manifest is out")
        elif parcel is not None and self.fitted(parcel, image_limit_bytes) is not None:
            self._spool.release((parcel_id,))

    def _count(self, outcome: str, amount: int = 1) -> None:
        self._metrics.inc("delivery_parcels", amount, outcome=outcome)
