"""One MQTT session: what was handed over, what is unanswered, what each answer means. No I/O."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from gleancam.errors import SinkError
from gleancam.sinks.base import Accepted, Limits, Refused
from gleancam.sinks.packet_size import publish_bytes
from gleancam.sinks.puback import NO_MATCHING_SUBSCRIBERS, Verdict, judge
from gleancam.wire.message import Message
from gleancam.wire.parcel import JPEG

MOST_WAITING = 256
"""Messages handed over and unanswered: above every window that delivery uses."""
MOST_UNANSWERED = 20
"""Messages published and unanswered; the broker's Receive Maximum also holds."""


@dataclass(slots=True)
class _Attempt:
    """One parcel on its way: how many of its messages are unanswered, and whether one failed."""

    parcel_id: str
    unanswered: int
    refused: bool = False


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One message and the attempt it belongs to; None for a status."""

    message: Message
    attempt: _Attempt | None


class Session:
    """The traffic between CONNACK and the end of the connection.

    `offer` is called by the delivery stage, everything else by the network thread.
    """

    def __init__(
        self, limits: Limits, *, mqtt5: bool, emit: Callable[[Accepted | Refused], None]
    ) -> None:
        self.limits = limits
        self._window = min(limits.receive_maximum, MOST_UNANSWERED)
        self._mqtt5 = mqtt5
        self._emit = emit
        self._outbox: deque[_Waiting] = deque()
        self._unanswered: dict[int, _Waiting] = {}
        self._count = 0
        self._mutex = threading.Lock()

    @property
    def idle(self) -> bool:
        """Whether everything was sent and answered."""
        return self._count == 0

    def offer(self, parcel_id: str | None, messages: tuple[Message, ...]) -> None:
        """Hand over the messages of a parcel, or, without an id, a status.

        Raises:
            SinkError: too much is unanswered.
        """
        attempt = None if parcel_id is None else _Attempt(parcel_id, len(messages))
        with self._mutex:
            if self._count >= MOST_WAITING:
                raise SinkError("the sink's window is full", transient=True)
            self._count += len(messages)
            self._outbox.extend(_Waiting(message, attempt) for message in messages)

    def flush(self, publish: Callable[[Message], int]) -> None:
        """Publish what was handed over, as far as the window allows.

        What is too large for the broker is refused instead.
        """
        while self._outbox and len(self._unanswered) < self._window:
            waiting = self._outbox.popleft()
            if waiting.attempt is not None and waiting.attempt.refused:
                self._settle(1)
            elif (excess := self._excess_bytes(waiting.message)) > 0:
                self._settle(1)
                self._refuse_oversize(waiting, len(waiting.message.payload) - excess)
            else:
                self._publish(waiting, publish)

    def answer(self, packet_id: int, code: int) -> None:
        """Take one PUBACK."""
        waiting = self._unanswered.pop(packet_id, None)
        if waiting is None:
            return
        self._settle(1)
        if waiting.attempt is not None:
            self._judge(waiting, waiting.attempt, code)

    def _publish(self, waiting: _Waiting, publish: Callable[[Message], int]) -> None:
        self._unanswered[publish(waiting.message)] = waiting

    def _judge(self, waiting: _Waiting, attempt: _Attempt, code: int) -> None:
        verdict = judge(code)
        if verdict is Verdict.TOO_LARGE:
            # The broker keeps its limit to itself: half is the next size worth trying.
            self._refuse_oversize(waiting, len(waiting.message.payload) // 2)
        elif verdict is not Verdict.ACCEPTED:
            why = "nobody subscribed" if code == NO_MATCHING_SUBSCRIBERS else f"code 0x{code:02x}"
            self._refuse(
                attempt, f"the broker refused it: {why}", permanent=verdict is Verdict.NEVER
            )
        else:
            attempt.unanswered -= 1
            if attempt.unanswered == 0 and not attempt.refused:
                self._emit(Accepted(attempt.parcel_id))

    def _refuse_oversize(self, waiting: _Waiting, payload_limit_bytes: int) -> None:
        if waiting.attempt is None:
            return
        image = waiting.message.content_type == JPEG
        limit = max(0, payload_limit_bytes) if image else None
        what = "image" if image else "manifest"
        why = f"the {what} is larger than the broker takes"
        self._refuse(waiting.attempt, why, permanent=True, image_limit_bytes=limit)

    def _refuse(
        self, attempt: _Attempt, why: str, *, permanent: bool, image_limit_bytes: int | None = None
    ) -> None:
        if not attempt.refused:
            attempt.refused = True
            self._emit(Refused(attempt.parcel_id, why, permanent, image_limit_bytes))

    def _excess_bytes(self, message: Message) -> int:
        limit = self.limits.maximum_packet_bytes
        return 0 if limit is None else publish_bytes(message, mqtt5=self._mqtt5) - limit

    def _settle(self, count: int) -> None:
        with self._mutex:
            self._count -= count
