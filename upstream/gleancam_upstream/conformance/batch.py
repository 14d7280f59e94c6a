"""What a consumer is sent in one go, so that all that must not happen is waited for only once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from gleancam.wire.parcel import Parcel
from gleancam.wire.topics import Topics
from gleancam_upstream.conformance.made_samples import made_event, made_sample
from gleancam_upstream.conformance.played_device import PlayedDevice
from gleancam_upstream.conformance.spoiled import extended, wrong_image


@final
@dataclass(frozen=True)
class Batch:
    """Samples and an event, each with its purpose.

    Attributes:
        image_only: of which first only the image comes.
        manifest_only: of which first only the manifest comes.
        wrong: whose image has another sha256.
        later: with fields that nobody knows.
        other: in the envelope of the other version of MQTT.
        held: whose picture stays with the device.
        last: in order; once it is answered, so is what came before.
    """

    image_only: Parcel
    manifest_only: Parcel
    wrong: Parcel
    later: Parcel
    other: Parcel
    event: Parcel
    held: Parcel
    last: Parcel

    def begin(self, device: PlayedDevice) -> None:
        """Send all, and of two only a half."""
        device.send_part(self.image_only, 0)
        device.send_part(self.manifest_only, 1)
        for one in (self.wrong, self.later, self.event, self.held):
            device.send(one)
        device.send(self.other, other_mode=True)
        device.send(self.last)

    def complete(self, device: PlayedDevice) -> None:
        """Send the other halves."""
        device.send_part(self.image_only, 1)
        device.send_part(self.manifest_only, 0)

    @property
    def halves(self) -> dict[str, str]:
        """What is missing at first, by id."""
        return {
            self.image_only.parcel_id: "its manifest",
            self.manifest_only.parcel_id: "its image",
        }

    @property
    def wanted(self) -> dict[str, str]:
        """Rules by the id whose acknowledgement they ask for."""
        return {
            self.later.parcel_id: "C-09",
            self.event.parcel_id: "C-11",
            self.held.parcel_id: "C-12",
            self.other.parcel_id: "C-14",
            self.last.parcel_id: "C-04",
        }

    @property
    def ids(self) -> set[str]:
        """Every id."""
        return {*self.halves, *self.wanted, self.wrong.parcel_id}


def made_batch(topics: Topics) -> Batch:
    """Return new samples of a device."""
    return Batch(
        image_only=made_sample(topics),
        manifest_only=made_sample(topics),
        wrong=wrong_image(made_sample(topics)),
        later=extended(made_sample(topics)),
        other=made_sample(topics),
        event=made_event(topics),
        held=made_sample(topics, images="held"),
        last=made_sample(topics),
    )
