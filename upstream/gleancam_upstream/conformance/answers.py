"""What a consumer has said so far: its acknowledgements and its presence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gleancam.wire.ack import Ack, parse_ack
from gleancam.wire.error import WireError
from gleancam.wire.presence import parse_presence
from gleancam.wire.topics import Topics
from gleancam_upstream.received import Received


@dataclass(frozen=True)
class Answers:
    """Reads what was heard, which grows as more is; nothing is kept here.

    Attributes:
        consumer: only this one's presence counts; empty: anybody's.
    """

    heard: list[Received]
    topics: Topics
    consumer: str = ""

    def count(self, parcel_id: str) -> int:
        """Return how often an id was acknowledged."""
        return sum(parcel_id in ack.ids for ack in self._acks())

    def have(self, parcel_ids: Iterable[str]) -> bool:
        """Whether all of these were acknowledged."""
        return all(map(self.count, parcel_ids))

    def named(self) -> set[str]:
        """Return every id that was acknowledged or rejected."""
        every = tuple(self._acks())
        ids = {one for ack in every for one in ack.ids}
        return ids | {one.id for ack in every for one in ack.rejected}

    def malformed(self) -> str:
        """Return what is wrong with the first acknowledgement that is none; empty: nothing."""
        read = (_ack(one.payload) for one in self.heard if one.topic == self.topics.ack)
        return next((one for one in read if isinstance(one, str)), "")

    def online(self) -> tuple[str, ...]:
        """Return the names of those who said last that they are online, as far as they count."""
        last = dict(one for one in self._presences() if not isinstance(one, str))
        return tuple(
            name for name, online in last.items() if online and self.consumer in {"", name}
        )

    def bad_presence(self) -> str:
        """Return what is wrong with the first presence that is none; empty: nothing."""
        return next((one for one in self._presences() if isinstance(one, str)), "")

    def _acks(self) -> Iterator[Ack]:
        read = (_ack(one.payload) for one in self.heard if one.topic == self.topics.ack)
        return (one for one in read if isinstance(one, Ack))

    def _presences(self) -> Iterator[tuple[str, bool] | str]:
        root, _, _ = self.topics.ingest_filter.partition("+")
        return (_presence(one) for one in self.heard if one.topic.startswith(root))


def _ack(payload: bytes) -> Ack | str:
    try:
        return parse_ack(payload)
    except WireError as error:
        return f"{payload[:80]!r}: {error}"


def _presence(one: Received) -> tuple[str, bool] | str:
    try:
        return parse_presence(one.topic, one.payload)
    except WireError as error:
        return f"{one.topic}: {error}"
