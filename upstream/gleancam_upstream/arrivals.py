"""What a consumer gets: verified samples and events, statuses, and what was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from gleancam.wire.address import Address
from gleancam.wire.event import EventData
from gleancam.wire.picture import picture_id
from gleancam.wire.sample_data import SampleData


@dataclass(frozen=True, slots=True)
class SampleArrived:
    """A verified sample, to be acknowledged once it is safe.

    Attributes:
        data: the manifest.
        raw: the manifest's JSON, as it came.
        image: JPEG; None when the device holds it (`gleancam-upstream command … fetch-sample`).
        received_ns: UTC nanoseconds, when the later of its messages came.
    """

    address: Address
    data: SampleData
    raw: bytes
    image: bytes | None
    received_ns: int

    @property
    def parcel_id(self) -> str:
        """What is acknowledged."""
        return self.data.sample_id


@dataclass(frozen=True, slots=True)
class PictureArrived:
    """The picture of a sample that came without, verified; to be acknowledged once it is safe.

    Attributes:
        image: JPEG, the one of which the manifest tells.
        received_ns: UTC nanoseconds.
    """

    address: Address
    sample_id: str
    image: bytes
    received_ns: int

    @property
    def parcel_id(self) -> str:
        """What is acknowledged; not the sample's id."""
        return picture_id(self.sample_id)


@dataclass(frozen=True, slots=True)
class EventArrived:
    """A verified event, to be acknowledged once it is safe. `raw` is its JSON, as it came."""

    address: Address
    data: EventData
    raw: bytes
    received_ns: int

    @property
    def parcel_id(self) -> str:
        """What is acknowledged."""
        return self.data.event_id


@dataclass(frozen=True, slots=True)
class StatusArrived:
    """A device's or camera's status, or a device's info; `raw` is empty when it was cleared."""

    address: Address
    raw: bytes
    received_ns: int


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A parcel that is safe already: it is acknowledged again."""

    address: Address
    parcel_id: str


@dataclass(frozen=True, slots=True)
class Invalid:
    """A message against the contract.

    Attributes:
        address: None when even the topic is wrong.
        parcel_id: empty when it could not be found out: then nobody can be told.
    """

    topic: str
    address: Address | None
    parcel_id: str
    why: str


Parcel: TypeAlias = SampleArrived | PictureArrived | EventArrived
Arrival: TypeAlias = (
    SampleArrived | PictureArrived | EventArrived | StatusArrived | Duplicate | Invalid
)
