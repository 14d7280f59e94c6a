"""The stage that writes the decision log. It loses records rather than keep anybody waiting."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from gleancam.channel import Channel
from gleancam.decisions.format import DECISION
from gleancam.decisions.record import Logged, LoggedFrame, encode
from gleancam.decisions.ring import Ring
from gleancam.errors import ChannelClosedError
from gleancam.metrics import Metrics
from gleancam.stage import Pulse

log = logging.getLogger(__name__)

FLUSH_S = 2.0
"""Records older than this are with the kernel: a killed daemon loses no more."""
FLUSH_BYTES = 256 * 1024


class DecisionWriter:
    """Takes records and returns when the channel is closed and empty.

    Args:
        open_ring: makes the ring for embeddings of a dimension; may raise `OSError`.
    """

    def __init__(
        self, inbox: Channel[Logged], open_ring: Callable[[int], Ring], metrics: Metrics
    ) -> None:
        self._inbox = inbox
        self._open_ring = open_ring
        self._metrics = metrics
        self._dimension: int | None = None
        self._ring: Ring | None = None
        self._waiting: list[bytes] = []
        self._due_s = 0.0
        self._failing = False

    def run(self, pulse: Pulse) -> None:
        """Write until the inbox is closed and empty."""
        try:
            while True:
                self._take(self._inbox.get(FLUSH_S, pulse))
        except ChannelClosedError:
            self._flush()
        if self._ring is not None:
            self._ring.close()

    def _take(self, record: Logged | None) -> None:
        now_s = time.monotonic()
        if record is not None:
            if not self._waiting:
                self._due_s = now_s + FLUSH_S
            self._add(record)
        if now_s >= self._due_s or sum(map(len, self._waiting)) >= FLUSH_BYTES:
            self._flush()

    def _add(self, record: Logged) -> None:
        if isinstance(record, LoggedFrame):
            self._dimension = record.observation.embedding.size
        self._waiting.append(encode(record))

    def _flush(self) -> None:
        """Write what waits, or lose and count it."""
        if self._dimension is None:
            return  # What another process's samples cost, before the first frame.
        waiting, self._waiting = self._waiting, []
        try:
            if self._ring is None:
                self._ring = self._open_ring(self._dimension)
            waiting = self._without_too_large(waiting, self._ring.most_bytes)
            while waiting:
                done = self._ring.append(waiting)
                self._count("decisions_logged", waiting[:done])
                waiting = waiting[done:]
            self._metrics.set("decisions_bytes", self._ring.size_bytes)
        except OSError as error:
            self._fail(error, waiting)
            return
        self._failing = False

    def _without_too_large(self, bodies: list[bytes], most_bytes: int) -> list[bytes]:
        self._lose([body for body in bodies if len(body) > most_bytes], "too_large")
        return [body for body in bodies if len(body) <= most_bytes]

    def _fail(self, error: OSError, lost: list[bytes]) -> None:
        if not self._failing:
            log.warning("decisions cannot be logged for the time being: %s", error)
        self._failing = True
        self._lose(lost, "unwritable")
        if self._ring is not None:
            self._ring.close()
            self._ring = None

    def _lose(self, bodies: list[bytes], reason: str) -> None:
        self._count("decisions_lost", bodies, reason=reason)

    def _count(self, name: str, bodies: list[bytes], **labels: str) -> None:
        frames = sum(body.startswith(DECISION) for body in bodies)
        self._metrics.inc(name, frames, kind="frame", **labels)
        self._metrics.inc(name, len(bodies) - frames, kind="cost", **labels)
