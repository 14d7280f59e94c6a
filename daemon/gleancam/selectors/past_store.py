"""One past as rows: what changed since the last time, and a past made of stored rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gleancam.config.selection_keys import Novelty
from gleancam.selectors.centre import Centre, SeenEntry
from gleancam.selectors.memory_rows import (
    MemoryState,
    decode_centre,
    decode_seen,
    decode_state,
    encode_centre,
    encode_seen,
    encode_state,
)
from gleancam.selectors.past import Past
from gleancam.types import Note

STATE, CENTRE, SEEN = "state", "centre", "seen"
"""The last part of a stored name."""


@dataclass(slots=True)
class Stored:
    """The rows of one past in one space, by part and row number."""

    rows: dict[str, dict[int, bytes]] = field(default_factory=dict)

    def add(self, part: str, key: int, content: bytes) -> None:
        """Take in one row."""
        self.rows.setdefault(part, {})[key] = content

    @property
    def state(self) -> MemoryState:
        """What holds for all of it.

        Raises:
            ValueError: it is missing or damaged.
        """
        return decode_state(self._part(STATE).get(0, b""))

    @property
    def centres(self) -> list[Centre]:
        """Sent ones first, then by age.

        Raises:
            ValueError: one is damaged.
        """
        centres = [decode_centre(row, content) for row, content in self._part(CENTRE).items()]
        return sorted(centres, key=lambda centre: (not centre.sent_id, centre.order))

    @property
    def seen(self) -> list[SeenEntry]:
        """By age.

        Raises:
            ValueError: one is damaged.
        """
        entries = [decode_seen(row, content) for row, content in self._part(SEEN).items()]
        return sorted(entries, key=lambda entry: entry.first_ns)

    def deletions(self, prefix: str) -> list[Note]:
        """Give notes that delete all of it."""
        return [
            Note(f"{prefix}/{part}", key, None) for part, rows in self.rows.items() for key in rows
        ]

    def _part(self, part: str) -> Mapping[int, bytes]:
        return self.rows.get(part, {})


class StoredPast:
    """A past and where it is stored.

    Args:
        prefix: of the names of its rows: scope and space.
        epoch: the number of this one.
    """

    def __init__(self, past: Past, prefix: str, settings: Novelty, epoch: int) -> None:
        self.past = past
        self.prefix = prefix
        self.epoch = epoch
        self._capacity = settings.capacity
        self._initial_radius = past.centres.radius
        self._stale: list[Note] = []

    def drain(self) -> list[Note]:
        """Give the rows to write and to delete since the last call."""
        every_ns = self.past.store_every_ns
        notes, self._stale = self._stale, []
        for row, centre in self.past.centres.drain(every_ns):
            content = None if centre is None else encode_centre(centre)
            notes.append(Note(f"{self.prefix}/{CENTRE}", row, content))
        for row, entry in self.past.seen.drain(every_ns):
            content = None if entry is None else encode_seen(entry)
            notes.append(Note(f"{self.prefix}/{SEEN}", row, content))
        if notes:
            notes.append(Note(f"{self.prefix}/{STATE}", 0, encode_state(self._state())))
        return notes

    def forget_stored(self, stored: Stored, prefix: str) -> None:
        """Delete these rows with the next drain."""
        self._stale += stored.deletions(prefix)

    def restore(self, stored: Stored) -> bool:
        """Take over stored rows; False when the settings had changed, and all was sorted anew.

        Raises:
            ValueError: a row is damaged; the past is then in no defined state.
        """
        state, centres, seen = stored.state, stored.centres, stored.seen
        rows: list[Centre | SeenEntry] = [*centres, *seen]
        if len({row.vector.size for row in rows}) > 1:
            raise ValueError("stored embeddings of several dimensions")
        same = (state.capacity, state.initial_radius) == (self._capacity, self._initial_radius)
        if state.radius > state.initial_radius:
            self.past.centres.radius = max(state.radius, self._initial_radius)
        if same:
            self._put_back(centres, seen)
        else:
            self._sort_anew(centres, seen)
            self.forget_stored(stored, self.prefix)
        self.past.resume(state.watched_ns)
        return same

    def _put_back(self, centres: list[Centre], seen: list[SeenEntry]) -> None:
        rows = (*(centre.row for centre in centres), *(entry.row for entry in seen))
        if not all(0 <= row <= self._capacity for row in rows):
            raise ValueError("a stored row lies beyond the capacity")
        for centre in centres:
            self.past.centres.restore(centre, self.past.store_every_ns)
        for entry in seen:
            self.past.seen.restore(entry)
        # What was just read need not be written.
        self.past.centres.drain(self.past.store_every_ns + 1)
        self.past.seen.drain(self.past.store_every_ns)

    def _sort_anew(self, centres: list[Centre], seen: list[SeenEntry]) -> None:
        for centre in centres:
            self.past.centres.cover(centre.vector, centre.last_ns, centre.sent_id)
        for entry in seen:
            nearest = self.past.centres.find_sent(entry.vector)
            if nearest is not None and nearest.distance < self.past.threshold:
                self.past.seen.see(entry.vector, entry.first_ns, nearest)

    def _state(self) -> MemoryState:
        return MemoryState(
            self.epoch,
            self.past.centres.radius,
            self._initial_radius,
            self._capacity,
            self.past.watched_ns,
        )
