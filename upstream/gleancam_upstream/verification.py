"""Whether a manifest, its image and its topic agree; pure.

The structs are what the JSON Schemas are made from, so reading a payload is checking it against its
schema, and takes milliseconds for the longest one. A validator written in Python takes minutes for
a message made to annoy it.
"""

from __future__ import annotations

import hashlib

import msgspec
import simplejpeg

from gleancam.wire.address import Address
from gleancam.wire.cloudevent import LIMIT_BYTES, Opened
from gleancam.wire.codec import decode, readable
from gleancam.wire.embedding import embedding_vector
from gleancam.wire.error import WireError
from gleancam.wire.event import EventData, event_data
from gleancam.wire.fields import Identifier
from gleancam.wire.sample import sample_data
from gleancam.wire.sample_data import ImageData, SampleData
from gleancam.wire.times import nanoseconds
from gleancam.wire.topics import checked_id

PIXELS = 2**27
"""Four times 8K. A JPEG of a few bytes may claim 65535 by 65535, which decodes to 12 GB."""


def verified_manifest(address: Address, opened: Opened) -> SampleData:
    """Return the manifest, checked against contract, envelope, topic and its own embedding.

    Raises:
        WireError: something does not agree.
    """
    sample = sample_data(opened.data)
    _agree(address, opened, sample, sample.sample_id, "gleancam.sample.v1")
    nanoseconds(sample.captured)
    embedding_vector(sample.embedding)
    where = address.topics.image(sample.camera, sample.sample_id)
    if sample.image.delivery == "url" or sample.image.ref != where:
        raise WireError(f"image is to be had by {sample.image.delivery}, not on {where}")
    return sample


def verified_event(address: Address, opened: Opened) -> EventData:
    """Return the event, checked against contract, envelope and topic.

    Raises:
        WireError: something does not agree.
    """
    event = event_data(opened.data)
    _agree(address, opened, event, event.event_id, "gleancam.event.v1")
    nanoseconds(event.at)
    return event


def verify_image(claimed: ImageData, jpeg: bytes) -> None:
    """Check the image against what its manifest says.

    Raises:
        WireError: another hash, length or size, too many pixels, or no JPEG.
    """
    if claimed.width * claimed.height > PIXELS:
        raise WireError(
            f"image is {claimed.width} by {claimed.height}, at most {PIXELS} pixels are taken"
        )
    if len(jpeg) != claimed.bytes:
        raise WireError(f"image has {len(jpeg)} bytes, the manifest says {claimed.bytes}")
    if (digest := hashlib.sha256(jpeg).hexdigest()) != claimed.sha256:
        raise WireError(f"image has sha256 {digest[:12]}…, not {claimed.sha256[:12]}…")
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(jpeg)
    except ValueError as error:
        raise WireError(f"image is no JPEG: {error}") from error
    if (width, height) != (claimed.width, claimed.height):
        raise WireError(
            f"image is {width} by {height}, the manifest says {claimed.width} by {claimed.height}"
        )


def claimed_id(opened: Opened) -> str:
    """Return the id a broken parcel claims, for the answer to its sender; empty if it has none."""
    try:
        if opened.id:
            return checked_id(opened.id)
        found = decode(opened.data, _AnyId, limit_bytes=LIMIT_BYTES)
    except WireError:
        return ""
    return found.sample_id or found.event_id


@readable
class _AnyId(msgspec.Struct):
    sample_id: Identifier = ""
    event_id: Identifier = ""


def _agree(
    address: Address, opened: Opened, data: SampleData | EventData, parcel_id: str, kind: str
) -> None:
    topics = address.topics
    said = (data.site, data.device, data.camera)
    came = (topics.site, topics.device, address.camera_id)
    if said != came:
        raise WireError(f"data is of {'/'.join(said)}, but came on {'/'.join(came)}")
    if opened.id not in {"", parcel_id}:
        raise WireError(f"envelope has id {opened.id[:64]!r}, data has {parcel_id}")
    if opened.type not in {"", kind}:
        raise WireError(f"envelope has type {opened.type[:64]!r}, expected {kind}")
