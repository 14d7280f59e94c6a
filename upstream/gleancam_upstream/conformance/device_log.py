"""What a device has sent, sorted; pure but for the list it reads, which grows as more is heard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gleancam.wire.address import Address, parse_topic
from gleancam.wire.cloudevent import Opened, open_event
from gleancam.wire.error import WireError
from gleancam.wire.topics import Topics
from gleancam_upstream.received import Received
from gleancam_upstream.verification import claimed_id

DELIVERED = frozenset({"image", "sample", "event"})
"""Kinds of messages that wait for a consumer."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of the device, and its place in the order."""

    place: int
    address: Address
    message: Received


@dataclass
class Delivered:
    """All deliveries of one sample or event.

    Attributes:
        data: of each manifest or event, without its envelope.
        images: of each image.
        first_image: place of the first image; None: none came.
        first_data: place of the first manifest or event; None: none came.
    """

    kind: str = "sample"
    data: list[bytes] = field(default_factory=list)
    images: list[bytes] = field(default_factory=list)
    first_image: int | None = None
    first_data: int | None = None

    @property
    def complete(self) -> bool:
        """Whether there is all that a consumer waits for."""
        return bool(self.data) and (bool(self.images) or self.alone)

    @property
    def alone(self) -> bool:
        """Whether it is an event, or a manifest whose picture is held."""
        return self.kind == "event" or b'"delivery":"held"' in self.data[0].replace(b" ", b"")

    @property
    def times(self) -> int:
        """How often it was delivered whole."""
        return len(self.data) if self.alone else min(len(self.data), len(self.images))


@dataclass(frozen=True)
class DeviceLog:
    """Reads what was heard of one device."""

    heard: list[Received]
    topics: Topics

    def all(self, *kinds: str, since: int = 0) -> Iterator[Heard]:
        """Yield messages of these kinds (see `Address`), from a place on."""
        for place, message in enumerate(self.heard[since:], since):
            if not message.topic.startswith(f"{self.topics.root}/"):
                continue
            try:
                address = parse_topic(message.topic)
            except WireError:
                continue  # `reported` and the like
            if address.kind in kinds:
                yield Heard(place, address, message)

    def parcels(self, since: int = 0) -> dict[str, Delivered]:
        """Return samples and events by id, in the order in which they came."""
        found: dict[str, Delivered] = {}
        for one in self.all(*DELIVERED, since=since):
            if one.address.kind == "image":
                parcel = found.setdefault(one.address.sample_id, Delivered())
                parcel.images.append(one.message.payload)
                parcel.first_image = one.place if parcel.first_image is None else parcel.first_image
            elif parcel_id := claimed_id(opened := opened_or_bare(one.message)):
                parcel = found.setdefault(parcel_id, Delivered())
                parcel.kind = one.address.kind
                parcel.data.append(opened.data)
                parcel.first_data = one.place if parcel.first_data is None else parcel.first_data
        return found

    @property
    def speaks_5(self) -> bool:
        """Whether anything came that only MQTT 5 can carry."""
        return any(one.content_type or one.user_properties for one in self.heard)


def opened_or_bare(message: Received) -> Opened:
    """Return a manifest or event out of its envelope; as it is, where that is damaged."""
    try:
        return open_event(message.payload, message.user_properties)
    except WireError:
        return Opened("", "", message.payload)
