"""Which commands came before, so that one that comes again changes nothing. No clock."""

from __future__ import annotations

from gleancam.wire.command_result import Outcome

MOST_KNOWN = 1024


class KnownCommands:
    """Ids of commands and what they came to, at most `MOST_KNOWN`.

    An id is forgotten only when room is needed and its command has expired: until then it could
    come again. So within a process no command has its effect twice, however many there are.
    """

    def __init__(self, most: int = MOST_KNOWN) -> None:
        self._most = most
        self._known: dict[str, tuple[int, Outcome | None]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, command_id: str) -> bool:
        return command_id in self._known

    def first(self, command_id: str) -> Outcome | None:
        """Return what a command came to when it came first; None when it is new or under way."""
        known = self._known.get(command_id)
        return None if known is None else known[1]

    def has_room(self, now_ns: int) -> bool:
        """Make room for one more, if that can be done; times are of the monotonic clock."""
        if len(self._known) >= self._most:
            self._forget_expired(now_ns)
        return len(self._known) < self._most

    def add(self, command_id: str, deadline_ns: int) -> None:
        """Remember a new command, which may come again until `deadline_ns`."""
        self._known[command_id] = (deadline_ns, None)

    def settle(self, command_id: str, outcome: Outcome) -> None:
        """Remember what a command came to, unless it was forgotten."""
        if command_id in self._known:
            self._known[command_id] = (self._known[command_id][0], outcome)

    def _forget_expired(self, now_ns: int) -> None:
        self._known = {
            command_id: known for command_id, known in self._known.items() if known[0] > now_ns
        }
