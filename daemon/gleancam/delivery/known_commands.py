"""Which commands came before, so that one that comes again changes nothing. No clock, no disk."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gleancam.wire.command_result import Outcome

MOST_KNOWN = 1024


@dataclass(frozen=True, slots=True)
class Known:
    """A command that came.

    Attributes:
        until_ns: from then on it has expired, on whatever clock the owner uses for all of them.
        expires_ns: UTC nanoseconds, as its payload says; None when that does not.
        outcome: what it came to; None while it is under way, and when that was never stored.
    """

    until_ns: int
    expires_ns: int | None = None
    outcome: Outcome | None = None


class KnownCommands:
    """Ids of commands and what they came to, at most `MOST_KNOWN`.

    An id is forgotten only when room is needed and its command has expired: until then it could
    come again.
    """

    def __init__(self, most: int = MOST_KNOWN) -> None:
        self._most = most
        self._known: dict[str, Known] = {}

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, command_id: str) -> bool:
        return command_id in self._known

    def first(self, command_id: str) -> Outcome | None:
        """Return what a command came to when it came first; None when nobody knows (yet)."""
        known = self._known.get(command_id)
        return None if known is None else known.outcome

    def has_room(self) -> bool:
        """Whether one more can be remembered."""
        return len(self._known) < self._most

    def add(self, command_id: str, known: Known) -> None:
        """Remember a new command."""
        self._known[command_id] = known

    def settle(self, command_id: str, outcome: Outcome) -> None:
        """Remember what a command came to, unless it was forgotten."""
        if command_id in self._known:
            self._known[command_id] = replace(self._known[command_id], outcome=outcome)

    def expired(self, now_ns: int) -> dict[str, Known]:
        """Return those that can be forgotten."""
        return {name: known for name, known in self._known.items() if known.until_ns <= now_ns}

    def forget(self, command_id: str) -> None:
        """Forget one, if it is known."""
        self._known.pop(command_id, None)
