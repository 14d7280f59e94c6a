"""What a device gave up before a consumer had it: told by an event, so that upstream can reckon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gleancam.wire.codec import readable
from gleancam.wire.fields import Count, Identifier, Payload, Time
from gleancam.wire.times import rfc3339

MOST_IDS = 64
"""More are only counted."""

LossReason: TypeAlias = Literal["evicted", "expired", "damaged", "unfetched"]


@dataclass(frozen=True, slots=True)
class Loss:
    """Parcels of one camera lost for one reason.

    Attributes:
        bytes: what they took on disk.
        first_ns: earliest capture time, UTC nanoseconds.
        last_ns: latest capture time.
        ids: of the first `MOST_IDS` of them.
    """

    camera_id: str
    reason: LossReason
    samples: int
    events: int
    bytes: int
    first_ns: int
    last_ns: int
    ids: tuple[str, ...]

    def joined(self, other: Loss) -> Loss:
        """Return both as one; they are of one camera and reason."""
        return Loss(
            self.camera_id,
            self.reason,
            self.samples + other.samples,
            self.events + other.events,
            self.bytes + other.bytes,
            min(self.first_ns, other.first_ns),
            max(self.last_ns, other.last_ns),
            (self.ids + other.ids)[:MOST_IDS],
        )


@readable
class LossData(Payload, frozen=True, kw_only=True):
    """Samples and events that will never come, though they were kept."""

    reason: Annotated[
        LossReason,
        Meta(
            description="evicted: the device's spool was full, the most redundant went first; "
            "expired: nobody took them in time; damaged: the device's disk lost them; unfetched: "
            "the manifests were delivered, and the pictures, which were held, are gone for any of "
            "these reasons: `samples` counts them, `ids` are the samples'."
        ),
    ]
    samples: Annotated[Count, Meta(description="How many samples.")]
    events: Annotated[Count, Meta(description="How many events.")]
    bytes: Annotated[Count, Meta(description="What they took on the device's disk.")]
    first: Annotated[Time, Meta(description="Capture time of the earliest.")]
    last: Annotated[Time, Meta(description="Capture time of the latest.")]
    ids: Annotated[
        tuple[Identifier, ...],
        Meta(max_length=MOST_IDS, description="Ids of the first of them; all, if there are few."),
    ]


def loss_data(loss: Loss) -> LossData:
    """Return a loss as it is sent."""
    return LossData(
        reason=loss.reason,
        samples=loss.samples,
        events=loss.events,
        bytes=loss.bytes,
        first=rfc3339(loss.first_ns),
        last=rfc3339(loss.last_ns),
        ids=loss.ids,
    )
