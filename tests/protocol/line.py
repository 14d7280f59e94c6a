"""One connection of the device: the real `Session`, as a value, and what is on the wire.

The wire keeps order and loses nothing while the connection lives; with it, everything under way
is lost. `GOING` is under way to the broker; any other mark is a reason code on its way back.
"""

from __future__ import annotations

import functools
from typing import Final, NamedTuple

from gleancam.sinks.base import Accepted, Limits, Refused
from gleancam.sinks.mqtt_session import Session, _Attempt, _Waiting
from gleancam.wire.message import Message
from protocol.numbering import name, number
from protocol.parcels_sent import packets

GOING: Final = -1
MANY = 1 << 16


class Packet(NamedTuple):
    """A message of an attempt. `mark` is None until it is on the wire."""

    attempt: int
    part: int
    mark: int | None


class Line(NamedTuple):
    """`attempts` are (parcel, messages without an answer, refused)."""

    attempts: tuple[tuple[int, int, bool], ...] = ()
    outbox: tuple[Packet, ...] = ()
    wire: tuple[Packet, ...] = ()

    def parcel(self, packet: Packet) -> int:
        return self.attempts[packet.attempt][0]

    def marked(self, at: int, mark: int) -> Line:
        """Return the line with another mark on what is at this place of the wire."""
        changed = self.wire[at]._replace(mark=mark)
        return self._replace(wire=(*self.wire[:at], changed, *self.wire[at + 1 :]))

    def first(self, *, going: bool) -> int | None:
        """Return the place of what arrives next, at the broker or back at the device."""
        for at, packet in enumerate(self.wire):
            if (packet.mark == GOING) == going:
                return at
        return None


class _Work:
    """A `Session` brought to life for one call, and turned into a `Line` again."""

    def __init__(self, line: Line, limits: Limits, parts: int) -> None:
        self.events: list[Accepted | Refused] = []
        self._parts = parts
        self._marks = {at: packet.mark for at, packet in enumerate(line.wire)}
        self.session = Session(limits, mqtt5=True, emit=self.events.append)
        self._attempts = [
            _Attempt(name(parcel), left, refused) for parcel, left, refused in line.attempts
        ]
        self.session._outbox.extend(self._waiting(packet, line) for packet in line.outbox)
        wire = ((at, self._waiting(packet, line)) for at, packet in enumerate(line.wire))
        self.session._unanswered.update(wire)
        self.session._count = len(line.outbox) + len(line.wire)

    def flush(self) -> None:
        self.session.flush(self._publish)

    def line(self) -> Line:
        waiting = [*self.session._unanswered.values(), *self.session._outbox]
        attempts: list[_Attempt] = []
        for one in waiting:
            assert one.attempt is not None
            if not any(one.attempt is known for known in attempts):
                attempts.append(one.attempt)
        wire = [
            self._packet(one, attempts, self._marks[at])
            for at, one in self.session._unanswered.items()
        ]
        return Line(
            tuple((number(one.parcel_id), one.unanswered, one.refused) for one in attempts),
            tuple(self._packet(one, attempts, None) for one in self.session._outbox),
            tuple(wire),
        )

    def _waiting(self, packet: Packet, line: Line) -> _Waiting:
        message = packets(line.parcel(packet), self._parts)[packet.part]
        return _Waiting(message, self._attempts[packet.attempt])

    def _packet(self, one: _Waiting, attempts: list[_Attempt], mark: int | None) -> Packet:
        at = next(at for at, known in enumerate(attempts) if known is one.attempt)
        parcel = number(attempts[at].parcel_id)
        return Packet(at, packets(parcel, self._parts).index(one.message), mark)

    def _publish(self, _message: Message) -> int:
        at = max(self._marks, default=-1) + 1
        self._marks[at] = GOING
        return at


@functools.lru_cache(MANY)
def offered(line: Line, parcel: int, limits: Limits, parts: int) -> Line:
    """Return the line after the delivery stage handed over a parcel."""
    work = _Work(line, limits, parts)
    work.session.offer(name(parcel), packets(parcel, parts))
    work.flush()
    return work.line()


@functools.lru_cache(MANY)
def answered(
    line: Line, at: int, limits: Limits, parts: int
) -> tuple[Line, tuple[Accepted | Refused, ...]]:
    """Return the line after the device read the answer at this place, and what the sink says."""
    mark = line.wire[at].mark
    assert mark is not None
    work = _Work(line, limits, parts)
    work.session.answer(at, mark)
    work.flush()
    return work.line(), tuple(work.events)
