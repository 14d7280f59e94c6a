"""From messages to verified arrivals: no network, no disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gleancam.wire.address import Address, parse_topic
from gleancam.wire.cloudevent import LIMIT_BYTES, Opened, open_event
from gleancam.wire.codec import decode
from gleancam.wire.error import WireError
from gleancam.wire.payloads import PAYLOADS
from gleancam.wire.picture import SUFFIX
from gleancam.wire.sample_data import SampleData
from gleancam.wire.schemas import SchemaName
from gleancam_upstream.arrivals import (
    Arrival,
    Duplicate,
    EventArrived,
    Invalid,
    PictureArrived,
    SampleArrived,
    StatusArrived,
)
from gleancam_upstream.counts import Counts
from gleancam_upstream.expected_pictures import ExpectedPictures, Manifests
from gleancam_upstream.reassembly import Reassembly
from gleancam_upstream.received import Received
from gleancam_upstream.seen import Seen
from gleancam_upstream.verification import (
    claimed_id,
    verified_event,
    verified_manifest,
    verify_image,
)

_STATUS_SCHEMAS: dict[str, SchemaName] = {
    "status": "status",
    "camera_status": "camera-status",
    "info": "info",
}


@dataclass(frozen=True, slots=True)
class _Manifest:
    data: SampleData
    raw: bytes


class Intake:
    """Verifies messages one by one and puts samples together."""

    def __init__(self, seen: Seen, counts: Counts, manifests: Manifests | None = None) -> None:
        self._seen, self._counts = seen, counts
        self._expected = ExpectedPictures(manifests)
        self._reassembly: Reassembly[_Manifest] = Reassembly()
        self._handed_out: set[str] = set()

    def take(self, received: Received) -> Iterator[Arrival]:
        """Yield what this message completes: nothing, or one arrival."""
        try:
            address = parse_topic(received.topic)
        except WireError as error:
            self._count("unknown", received)
            yield self._invalid(received, None, "unknown", "", error)
            return
        self._count(address.kind, received)
        match address.kind:
            case "sample":
                yield from self._take_manifest(received, address)
            case "image":
                yield from self._take_image(received, address)
            case "event":
                yield from self._take_event(received, address)
            case "status" | "camera_status" | "info":
                yield self._take_status(received, address)
            case "ack":  # not for us: nothing subscribes to it
                pass
        self._note_waiting()

    def answered(self, parcel_id: str) -> None:
        """Forget a parcel that was acknowledged or rejected."""
        self._handed_out.discard(parcel_id)

    def _take_manifest(self, received: Received, address: Address) -> Iterator[Arrival]:
        opened = Opened("", "", received.payload)
        try:
            opened = open_event(received.payload, received.user_properties)
            data = verified_manifest(address, opened)
        except WireError as error:
            parcel_id = claimed_id(opened)
            self._reassembly.forget(_key(address, parcel_id))
            yield self._invalid(received, address, "sample", parcel_id, error)
            return
        yield from self._manifest(received, address, _Manifest(data, opened.data))

    def _manifest(
        self, received: Received, address: Address, manifest: _Manifest
    ) -> Iterator[Arrival]:
        sample_id = manifest.data.sample_id
        if self._is_known(sample_id):
            self._reassembly.forget(_key(address, sample_id))
            yield from self._known("sample", address, sample_id)
            return
        self._counts.valid["sample"] += 1
        if manifest.data.image.delivery == "held":
            yield from self._held(received, address, manifest)
            return
        pair = self._reassembly.manifest(_key(address, sample_id), manifest, len(manifest.raw))
        if pair is not None:
            yield self._paired(received, address, *pair)

    def _take_image(self, received: Received, address: Address) -> Iterator[Arrival]:
        if self._is_known(address.sample_id):
            yield from self._picture(received, address, received.payload)
            return
        pair = self._reassembly.image(_key(address, address.sample_id), received.payload)
        if pair is not None:
            yield self._paired(received, address, *pair)

    def _held(self, received: Received, address: Address, manifest: _Manifest) -> Iterator[Arrival]:
        """Hand out a manifest whose picture is still on the device, or was a moment ago."""
        data = manifest.data
        self._expected.note(address, data.sample_id, data.image)
        self._handed_out.add(data.sample_id)
        yield SampleArrived(address, data, manifest.raw, None, received.received_ns)
        jpeg = self._reassembly.image_alone(_key(address, data.sample_id))
        if jpeg is not None:
            yield from self._picture(received, replace(address, sample_id=data.sample_id), jpeg)

    def _picture(self, received: Received, address: Address, jpeg: bytes) -> Iterator[Arrival]:
        """Take the picture of a sample that is known: asked for, or sent once more."""
        parcel_id = f"{address.sample_id}{SUFFIX}"
        if self._is_known(parcel_id):
            yield from self._known("image", address, parcel_id)
            return
        image = self._expected.of(address)
        if image is None:
            self._counts.duplicates["image"] += 1
            return
        try:
            verify_image(image, jpeg)
        except WireError as error:
            yield self._invalid(received, address, "image", parcel_id, error)
            return
        self._counts.valid["image"] += 1
        self._handed_out.add(parcel_id)
        yield PictureArrived(address, address.sample_id, jpeg, received.received_ns)

    def _paired(
        self, received: Received, address: Address, manifest: _Manifest, jpeg: bytes
    ) -> Arrival:
        try:
            verify_image(manifest.data.image, jpeg)
        except WireError as error:
            return self._invalid(received, address, "image", manifest.data.sample_id, error)
        self._counts.valid["image"] += 1
        self._handed_out.add(manifest.data.sample_id)
        return SampleArrived(address, manifest.data, manifest.raw, jpeg, received.received_ns)

    def _take_event(self, received: Received, address: Address) -> Iterator[Arrival]:
        opened = Opened("", "", received.payload)
        try:
            opened = open_event(received.payload, received.user_properties)
            data = verified_event(address, opened)
        except WireError as error:
            yield self._invalid(received, address, "event", claimed_id(opened), error)
            return
        if self._is_known(data.event_id):
            yield from self._known("event", address, data.event_id)
            return
        self._counts.valid["event"] += 1
        self._handed_out.add(data.event_id)
        yield EventArrived(address, data, opened.data, received.received_ns)

    def _take_status(self, received: Received, address: Address) -> Arrival:
        try:
            if received.payload:
                kind = PAYLOADS[_STATUS_SCHEMAS[address.kind]]
                decode(received.payload, kind, limit_bytes=LIMIT_BYTES)
        except WireError as error:
            return self._invalid(received, address, address.kind, "", error)
        self._counts.valid[address.kind] += 1
        return StatusArrived(address, received.payload, received.received_ns)

    def _is_known(self, parcel_id: str) -> bool:
        return parcel_id in self._handed_out or parcel_id in self._seen

    def _known(self, kind: str, address: Address, parcel_id: str) -> Iterator[Duplicate]:
        """Answer again what is safe; what was handed out and is not yet safe gets its answer."""
        self._counts.duplicates[kind] += 1
        if parcel_id in self._seen:
            yield Duplicate(address, parcel_id)

    def _invalid(
        self,
        received: Received,
        address: Address | None,
        kind: str,
        parcel_id: str,
        error: WireError,
    ) -> Invalid:
        self._counts.problem(kind, str(error))
        return Invalid(received.topic, address, parcel_id, str(error))

    def _count(self, kind: str, received: Received) -> None:
        self._counts.messages[kind] += 1
        self._counts.payload_bytes[kind] += len(received.payload)

    def _note_waiting(self) -> None:
        self._counts.dropped = self._reassembly.dropped
        self._counts.waiting_images, self._counts.waiting_manifests = self._reassembly.waiting


def _key(address: Address, sample_id: str) -> str:
    return address.topics.image(address.camera_id, sample_id) if sample_id else ""
