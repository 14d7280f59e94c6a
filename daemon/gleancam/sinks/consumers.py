"""Which consumers are online."""

from __future__ import annotations

MOST_CONSUMERS = 256
"""Names remembered at once: whoever may publish a presence must not fill the memory."""


class Consumers:
    """The presence of every consumer that said something in this session."""

    def __init__(self) -> None:
        self._online: set[str] = set()

    @property
    def any_online(self) -> bool:
        """Whether somebody is there to take samples."""
        return bool(self._online)

    def update(self, consumer: str, *, online: bool) -> bool:
        """Note what a consumer said; return whether `any_online` changed."""
        before = self.any_online
        if not online:
            self._online.discard(consumer)
        elif len(self._online) < MOST_CONSUMERS:
            self._online.add(consumer)
        return self.any_online != before
