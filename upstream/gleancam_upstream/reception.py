"""What a consumer does with what comes, and what it answers: no network, no disk."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence

from gleancam.wire.ack import MAX_IDS, Rejection, ack_message
from gleancam.wire.address import Address, parse_topic
from gleancam.wire.error import WireError
from gleancam.wire.message import Message
from gleancam.wire.presence import presence_message
from gleancam.wire.topics import Topics
from gleancam_upstream.arrivals import Arrival, Duplicate, Invalid, Parcel
from gleancam_upstream.cameras import CameraFilter, strays_of
from gleancam_upstream.counts import Counts
from gleancam_upstream.expected_pictures import Manifests
from gleancam_upstream.intake import Intake
from gleancam_upstream.received import Received
from gleancam_upstream.seen import Seen


class Reception:
    """The consumer's side of the contract.

    Attributes:
        counts: what came so far.
        filters: what to subscribe to.
    """

    def __init__(
        self,
        names: tuple[str, str, str],
        seen: Seen,
        cameras: Sequence[CameraFilter],
        manifests: Manifests | None = None,
    ) -> None:
        """Prepare. `names` are prefix, site and consumer; see `Consumer` for `manifests`.

        Raises:
            WireError: a name is no id.
        """
        prefix, site, _ = names
        self.counts = Counts()
        self._names, self._cameras = names, tuple(cameras)
        topics = (topic for one in cameras for topic in one.topics(prefix, site))
        self.filters = tuple(dict.fromkeys(topics))
        self._intake = Intake(seen, self.counts, manifests)
        self._strays: dict[str, None] = {}

    def take(self, came: Iterable[Received]) -> tuple[tuple[Arrival, ...], tuple[Message, ...]]:
        """Return what has arrived, and what to publish about it at once."""
        wanted = (one for one in came if not self._is_stray(one.topic))
        arrivals = tuple(arrival for one in wanted for arrival in self._intake.take(one))
        again = [one for one in arrivals if isinstance(one, Duplicate)]
        rejections = (
            self._rejection(one.address, one.parcel_id, one.why)
            for one in arrivals
            if isinstance(one, Invalid) and one.address and one.parcel_id
        )
        return arrivals, (
            *_acks((one.address.topics, one.parcel_id) for one in again),
            *rejections,
        )

    def acknowledge(self, parcels: Sequence[Parcel]) -> tuple[Message, ...]:
        """Return what tells the devices that these parcels are safe; they are in `seen` already."""
        for parcel in parcels:
            self._intake.answered(parcel.parcel_id)
        self.counts.acknowledged += len(parcels)
        return tuple(_acks((one.address.topics, one.parcel_id) for one in parcels))

    def reject(self, parcel: Parcel, why: str) -> tuple[Message, ...]:
        """Return what tells the device never to send this parcel again."""
        self._intake.answered(parcel.parcel_id)
        return (self._rejection(parcel.address, parcel.parcel_id, why),)

    def presence(self, *, online: bool) -> Message:
        """Return what devices are to know of us."""
        return presence_message(*self._names, online=online, ts_ns=time.time_ns())

    def strays(self) -> tuple[str, ...]:
        """Return subscriptions that only an earlier run with other cameras can have left."""
        found = tuple(self._strays)
        self._strays.clear()
        return found

    def _is_stray(self, topic: str) -> bool:
        try:
            address = parse_topic(topic)
        except WireError:
            return False  # for the intake to judge
        if any(one.covers(address) for one in self._cameras):
            return False
        prefix, site, _ = self._names
        for one in strays_of(address):
            self._strays.update(dict.fromkeys(one.topics(prefix, site)))
        return True

    def _rejection(self, address: Address, parcel_id: str, why: str) -> Message:
        self.counts.rejected += 1
        return ack_message(address.topics, (), (Rejection(parcel_id, why),))


def _acks(parcels: Iterable[tuple[Topics, str]]) -> Iterable[Message]:
    by_device: defaultdict[Topics, list[str]] = defaultdict(list)
    for topics, parcel_id in parcels:
        by_device[topics].append(parcel_id)
    for topics, ids in by_device.items():
        for first in range(0, len(ids), MAX_IDS):
            yield ack_message(topics, tuple(ids[first : first + MAX_IDS]))
