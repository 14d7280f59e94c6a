"""Small states, one a camera, that outlive a restart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from gleancam.types import Note


class Stored(Protocol):
    """Something with a state of its own."""

    @property
    def stale(self) -> bool:
        """Whether it has to be stored anew."""

    def encode(self) -> bytes:
        """Give the state, which will be stored."""

    def restore(self, content: bytes) -> None:
        """Go on from a stored state.

        Raises:
            ValueError: it is damaged; nothing has changed then.
        """


class Shelf:
    """Rows named `root` and the camera's id.

    Args:
        notes: what was stored; others' rows are passed over.

    Attributes:
        reports: what a person should know of how the stored rows were taken over.
    """

    def __init__(self, root: str, items: Mapping[str, Stored], notes: Iterable[Note]) -> None:
        self.reports: list[str] = []
        self._items = {f"{root}{name}": item for name, item in items.items()}
        for note in notes:
            if note.name in self._items and note.content is not None:
                self._restore(note.name, note.content)

    def drain(self) -> tuple[Note, ...]:
        """What has to be stored since the last call."""
        return tuple(
            Note(name, 0, item.encode()) for name, item in self._items.items() if item.stale
        )

    def _restore(self, name: str, content: bytes) -> None:
        try:
            self._items[name].restore(content)
        except ValueError as error:
            self.reports.append(f"{name} begins anew: {error}")
