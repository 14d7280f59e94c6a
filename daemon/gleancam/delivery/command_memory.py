"""Commands that came, on the disk before they are carried out: no restart lets one come again.

A note for each (`NAME`), in the same transaction as what is forgotten for it. Deadlines are on the
spool's own clock (`gleancam.spool.aging`), which no step of the wall clock moves and which never
runs ahead: an id is remembered rather too long. A wall clock that is set back would make a
command that was forgotten hold again; so the latest `expires` of all that were forgotten is kept
(`FLOOR`), and what expires no later is taken for one of them.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator
from itertools import count

from gleancam.delivery.command_expiry import LONGEST_S
from gleancam.delivery.known_commands import Known, KnownCommands
from gleancam.errors import SpoolFullError
from gleancam.spool.notes import Row
from gleancam.spool.queue import Spool
from gleancam.wire.command import Command
from gleancam.wire.command_result import Outcome, Verdict
from gleancam.wire.topics import is_id

NAME = "delivery/command"
FLOOR = "delivery/forgotten-commands"
HARMLESS = frozenset({"doctor"})
"""Changes nothing, so it may be repeated, and is wanted most where nothing can be stored."""
_NEVER = -(2**63)
_TIMES = struct.Struct("<qq")
_FLOOR = struct.Struct("<q")

log = logging.getLogger(__name__)


class CommandMemory:
    """What came before, in this process (`known`, which may be handed on) and before it.

    Used by the delivery stage alone.
    """

    def __init__(self, spool: Spool, known: KnownCommands | None = None) -> None:
        self._spool = spool
        self._known = KnownCommands() if known is None else known
        self._keys: dict[str, int] = {}
        self._floor_ns = _NEVER
        for name, key, content in spool.noted():
            if name == NAME:
                self._restore(key, content)
            elif name == FLOOR and len(content) == _FLOOR.size:
                (self._floor_ns,) = _FLOOR.unpack(content)
        self._numbers = count(max(self._keys.values(), default=0) + 1)

    def __contains__(self, command_id: str) -> bool:
        return command_id in self._known

    def first(self, command_id: str) -> Outcome | None:
        """Return what a command came to when it came first; None when nobody knows."""
        return self._known.first(command_id)

    def settle(self, command_id: str, outcome: Outcome) -> None:
        """Remember what a command came to, as long as this process lives."""
        self._known.settle(command_id, outcome)

    def remember(self, command: Command, left_ns: int) -> Verdict | None:
        """Store a new command durably, or return why it must not be carried out.

        Args:
            command: what came.
            left_ns: for how long it holds.
        """
        if command.expires_ns is not None and command.expires_ns <= self._floor_ns:
            return Verdict(
                "expired", "what expires no later was forgotten: it may have come before"
            )
        now_ns = self._spool.lived_ns()
        forgotten = {} if self._known.has_room() else self._known.expired(now_ns)
        if not self._known.has_room() and not forgotten:
            return Verdict("busy", "too many commands have not expired yet")
        known, key = Known(now_ns + left_ns, command.expires_ns), next(self._numbers)
        try:
            self._spool.write_down(
                [*self._leaving(forgotten), (NAME, key, _packed(command, known))]
            )
        except SpoolFullError as error:
            if command.name not in HARMLESS:
                return Verdict("refused", f"it could not be stored, so it is not done: {error}")
        else:
            self._forget(forgotten)
            self._keys[command.id] = key
        self._known.add(command.id, known)
        return None

    def _leaving(self, forgotten: dict[str, Known]) -> Iterator[Row]:
        for name in forgotten:
            if name in self._keys:
                yield NAME, self._keys[name], None
        if forgotten:
            yield FLOOR, 0, _FLOOR.pack(self._raised(forgotten))

    def _forget(self, forgotten: dict[str, Known]) -> None:
        self._floor_ns = self._raised(forgotten)
        for name in forgotten:
            self._known.forget(name)
            self._keys.pop(name, None)

    def _raised(self, forgotten: dict[str, Known]) -> int:
        ends = (one.expires_ns for one in forgotten.values() if one.expires_ns is not None)
        return max([self._floor_ns, *ends])

    def _restore(self, key: int, content: bytes) -> None:
        command_id = content[_TIMES.size :].decode("ascii", "replace")
        if len(content) < _TIMES.size or not is_id(command_id):
            log.warning("a command that came before cannot be read, and could come again")
            return
        until_ns, expires_ns = _TIMES.unpack_from(content)
        # No command holds for longer, whatever became of the spool's clock.
        until_ns = min(until_ns, self._spool.lived_ns() + LONGEST_S * 10**9)
        self._keys[command_id] = key
        if command_id not in self._known:
            expires = None if expires_ns == _NEVER else expires_ns
            self._known.add(command_id, Known(until_ns, expires))


def _packed(command: Command, known: Known) -> bytes:
    expires_ns = _NEVER if known.expires_ns is None else known.expires_ns
    return _TIMES.pack(known.until_ns, expires_ns) + command.id.encode("ascii")
