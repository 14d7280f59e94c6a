"""One trial: which cameras were online before it, and what speaks against it. No clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """How the daemon is now.

    Attributes:
        online: ids of cameras that bring pictures.
        watched: ids of cameras that should.
        connected: whether there is a session with the broker.
    """

    online: frozenset[str]
    watched: frozenset[str]
    connected: bool


class Trial:
    """What must be well again before a configuration is confirmed.

    Attributes:
        before: ids of cameras that were online.
    """

    def __init__(self, before: frozenset[str], length_s: float) -> None:
        self.before = before
        self._length_s = length_s
        self._until_s: float | None = None
        self._reached = False

    def see(self, seen: Seen, now_s: float) -> None:
        """Take note of how things are; the trial begins when that is first asked."""
        if self._until_s is None:
            self._until_s = now_s + self._length_s
        self._reached = self._reached or seen.connected

    def over(self, now_s: float) -> bool:
        """Whether it is time to judge."""
        return self._until_s is not None and now_s >= self._until_s

    def left_s(self, now_s: float) -> float:
        """Return how long it still takes, in seconds."""
        until_s = now_s + self._length_s if self._until_s is None else self._until_s
        return round(max(0.0, until_s - now_s), 1)

    def complaint(self, seen: Seen) -> str:
        """Return what is not as it was; empty when all is well."""
        if not self._reached:
            return "the broker was not reached again"
        away = sorted((self.before & seen.watched) - seen.online)
        return f"cameras that were online are not: {', '.join(away[:8])}" if away else ""
