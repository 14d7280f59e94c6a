"""What a consumer has said so far: its acknowledgements and its presence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gleancam.wire.ack import Ack, parse_ack
from gleancam.wire.error import WireError
from gleancam.wire.presence import parse_presence
from gleancam.wire.topics import Topics
from gleancam_upstream.conformance.tap import Tap
from gleancam_upstream.received import Received


@dataclass(frozen=True)
class Answers:
    """Reads what a tap has heard; nothing is kept here.

    Attributes:
        consumer: only this one's presence counts; empty: anybody's.
    """

    tap: Tap
    topics: Topics
    consumer: str

    def acks(self) -> Iterator[Ack]:
        """Yield the acknowledgements that are some."""
        for one in self._on_ack():
            try:
                yield parse_ack(one.payload)
            except WireError:
                continue  # `malformed` tells of it

    def count(self, parcel_id: str) -> int:
        """Return how often an id was acknowledged."""
        return sum(parcel_id in ack.ids for ack in self.acks())

    def have(self, parcel_ids: Iterable[str]) -> bool:
        """Whether all of these were acknowledged."""
        return all(map(self.count, parcel_ids))

    def named(self) -> set[str]:
        """Return every id that was acknowledged or rejected."""
        every = tuple(self.acks())
        ids = {one for ack in every for one in ack.ids}
        return ids | {one.id for ack in every for one in ack.rejected}

    def malformed(self) -> str:
        """Return what is wrong with the first acknowledgement that is none; empty: nothing."""
        for one in self._on_ack():
            try:
                parse_ack(one.payload)
            except WireError as error:
                return f"{one.payload[:80]!r}: {error}"
        return ""

    def presence(self, consumer: str = "") -> bool | None:
        """Return whether a consumer (or any) said last that it is online; None: it said nothing."""
        said = [online for name, online in self._presences() if consumer in {"", name}]
        return said[-1] if said else None

    def online(self) -> tuple[str, ...]:
        """Return the names of those who are online, as far as they count."""
        last = dict(self._presences())
        return tuple(name for name, online in last.items() if online)

    def bad_presence(self) -> str:
        """Return what is wrong with the first presence that is none; empty: nothing."""
        for one in self.tap.heard:
            if self._is_presence(one):
                try:
                    parse_presence(one.topic, one.payload)
                except WireError as error:
                    return f"{one.topic}: {error}"
        return ""

    def _presences(self) -> Iterator[tuple[str, bool]]:
        for one in self.tap.heard:
            if self._is_presence(one):
                try:
                    name, online = parse_presence(one.topic, one.payload)
                except WireError:
                    continue  # `bad_presence` tells of it
                if self.consumer in {"", name}:
                    yield name, online

    def _is_presence(self, one: Received) -> bool:
        root, _, _ = self.topics.ingest_filter.partition("+")
        return one.topic.startswith(root)

    def _on_ack(self) -> Iterator[Received]:
        return (one for one in self.tap.heard if one.topic == self.topics.ack)
