"""What the link to the broker may take, and when. Belongs to the delivery stage.

Every PUBLISH counts, at every attempt, with topic, properties and header; what is not ours to
count is TCP, TLS, keep-alives and the four bytes that acknowledge a message. Parcels are held
back; statuses and answers never are, so they may run the link into debt, which parcels then wait
for. The rate is measured on the monotonic clock, the day on the spool's own (`spool/aging.py`):
no step of the wall clock gives anybody a byte.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gleancam.clock import synchronised
from gleancam.delivery.link import UNLIMITED, Limits
from gleancam.delivery.stored_link import StoredLink
from gleancam.errors import SpoolFullError
from gleancam.metrics import Metrics
from gleancam.sinks.packet_size import publish_bytes
from gleancam.spool.claims import Claimed
from gleancam.spool.queue import NEVER_SET_BACK, Spool
from gleancam.spool.terms import Terms
from gleancam.wire.message import Message
from gleancam.wire.parcel import Parcel

FRESH_NS = 3600 * 10**9
"""What waited for longer is backlog. An hour: a link that was away for less catches up at once."""
ENVELOPE_BYTES = 1500
"""More than topics, headers and the envelope of a parcel's two messages take."""
METERED = "delivery/metered"

Reason: TypeAlias = Literal["rate", "budget", "metered", "window", "clock"]
REASONS: tuple[Reason, ...] = ("rate", "budget", "metered", "window", "clock")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tariff:
    """What was configured.

    Attributes:
        always: holds for everything that goes.
        metered: holds besides, for what goes while the link is metered.
        window: whether the backlog may go at a time, UTC nanoseconds; None: at any.
    """

    mqtt5: bool
    always: Limits = UNLIMITED
    metered: Limits = UNLIMITED
    window: Callable[[int], bool] | None = None


class Bandwidth:
    """Claims what may go, counts what went.

    Attributes:
        metered: set by command; see `meter`.
    """

    def __init__(
        self,
        tariff: Tariff,
        spool: Spool,
        metrics: Metrics,
        synced: Callable[[], bool | None] = synchronised,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._tariff = tariff
        self._free = tariff.always == UNLIMITED and tariff.window is None
        self._spool = spool
        self._metrics = metrics
        self._synced = synced
        self._wall_ns = wall_ns
        self._refused: Reason | None = None
        self._closed: Reason | None = None
        noted = {name: content for name, _, content in spool.noted()}
        self.metered = METERED in noted
        self._links = {
            name: StoredLink(row, limits, spool, noted.get(row))
            for name, row, limits in (
                ("link", "delivery/link", tariff.always),
                ("metered", "delivery/metered-link", tariff.metered),
            )
        }

    def meter(self, *, on: bool) -> None:
        """Say whether bytes cost money now.

        It is stored first, for a restart makes no link cheaper.

        Raises:
            SpoolFullError: the disk is full; nothing was changed.
        """
        self._spool.write_down([(METERED, 0, b"" if on else None)])
        self.metered = on

    def claim(self, limit: int, now_ns: int, *, again: bool = False) -> list[Claimed]:
        """Claim at most `limit` parcels, as many as may go now.

        What was set back is claimed after the rest, with `again`, if the link takes any more.
        """
        if again and self._refused is not None:
            return []
        self._refused = None
        self._closed = self._bulk_closed()
        due_ns = now_ns if again else NEVER_SET_BACK
        if self._free and not self.metered:
            return self._spool.claim(limit, due_ns)
        pending = 0

        def admit(parcel: Parcel, bulk: bool) -> bool:  # noqa: FBT001 - as `Admit` has it
            nonlocal pending
            size = ENVELOPE_BYTES + len(parcel.data) + len(parcel.image or b"")
            self._refused = self._refusal(size, pending, now_ns, bulk=bulk)
            pending += size
            return self._refused is None

        terms = Terms(FRESH_NS, self._closed is None, admit)
        return self._spool.claim(limit, due_ns, terms)

    def secure(self, messages: Sequence[Message]) -> None:
        """Store that the messages of a parcel count; before they are sent.

        Raises:
            SpoolFullError: nothing could be stored, so nothing may go.
        """
        if stores := [stored for stored in self._in_force() if stored.limited]:
            size = self._size(messages)
            for stored in stores:
                stored.secure(size)

    def spend(self, messages: Sequence[Message], *, bulk: bool = False) -> None:
        """Count what was sent."""
        now_ns, size = time.monotonic_ns(), self._size(messages)
        for stored in self._in_force():
            stored.spend(size, now_ns, bulk=bulk)
        self._metrics.inc("link_bytes", size, metered=str(self.metered).lower())

    def secure_status(self, message: Message) -> None:
        """As `secure`, for a status or an answer, which goes whatever the link allows.

        Where the disk is so full that this cannot be stored, a crash forgets it.
        """
        with suppress(SpoolFullError):
            self.secure([message])

    def waits_on(self, *, ready: bool) -> Reason | None:
        """Return for what parcels wait that could go otherwise; `ready`: whether any are left."""
        return self._refused or (self._closed if ready else None)

    def show(self, *, ready: bool) -> None:
        """Set the metrics."""
        reason = self.waits_on(ready=ready)
        for each in REASONS:
            self._metrics.set("link_waits", float(each == reason), reason=each)
        self._metrics.set("link_metered", float(self.metered))
        for name, stored in self._links.items():
            if (left := stored.link.left(self._spool.lived_ns())) is not None:
                self._metrics.set("link_left", left, account=name)

    def close(self) -> None:
        """Store what was really spent."""
        try:
            for stored in self._links.values():
                stored.settle()
        except SpoolFullError as error:
            log.warning("a little more counts as sent than was: %s", error)

    def _in_force(self) -> list[StoredLink]:
        return [each for name, each in self._links.items() if name == "link" or self.metered]

    def _refusal(self, size: int, pending: int, mono_ns: int, *, bulk: bool) -> Reason | None:
        lived_ns = self._spool.lived_ns()
        for stored in self._in_force():
            if refusal := stored.link.refusal(size, pending, mono_ns, lived_ns):
                return refusal
            if bulk and not stored.link.takes_bulk(pending, lived_ns):
                return "budget"
        return None

    def _bulk_closed(self) -> Reason | None:
        """Say what keeps the backlog back; on a clock that is not set nobody knows the hour."""
        if self.metered:
            return "metered"
        if not self._links["link"].link.takes_bulk(0, self._spool.lived_ns()):
            return "budget"
        if self._tariff.window is None:
            return None
        if self._synced() is False:
            return "clock"
        return None if self._tariff.window(self._wall_ns()) else "window"

    def _size(self, messages: Sequence[Message]) -> int:
        return sum(publish_bytes(each, mqtt5=self._tariff.mqtt5) for each in messages)
