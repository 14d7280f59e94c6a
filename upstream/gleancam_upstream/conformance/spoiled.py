"""Samples that differ from what the contract says, or from what a consumer knows of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec

from gleancam.wire.codec import JSON
from gleancam.wire.message import Message
from gleancam.wire.parcel import Parcel
from gleancam.wire.topics import Topics
from gleancam_upstream.conformance.made_samples import CAMERA, made_sample

NOT_JSON = (b"", b"\xff\xfe\x00", b"{", b"[" * 20_000, b"null", b"7", b'"text"', b"[]", b"{}")
"""No manifest by any reading: empty, no UTF-8, no JSON, nested beyond reason, no object."""

GARBAGE = "conformance-garbage"
"""The id of what is no sample: a consumer may reject it."""


def wrong_image(parcel: Parcel) -> Parcel:
    """Return the sample with another image of the same length: a byte of its comment differs."""
    image = bytearray(parcel.image or b"")
    image[10] ^= 1
    return replace(parcel, image=bytes(image))


def extended(parcel: Parcel) -> Parcel:
    """Return the sample with fields of a later version of the contract, here and there."""
    document: Any = msgspec.json.decode(parcel.data)
    document["later"] = {"deep": [1, {"er": None}]}
    document["image"]["later"] = "x"
    document["selection"]["later"] = [0.5]
    return replace(parcel, data=msgspec.json.encode(document))


def garbage(topics: Topics) -> Iterator[Message]:
    """Yield what a consumer subscribes to, filled with what it must survive."""
    for payload in NOT_JSON:
        yield Message(topics.sample(CAMERA), payload, content_type=JSON)
        yield Message(topics.event(CAMERA), payload, content_type=JSON)
        yield Message(topics.status, payload)
        yield Message(topics.image(CAMERA, GARBAGE), payload)
    document: Any = msgspec.json.decode(made_sample(topics).data)
    document["sample_id"] = GARBAGE
    for field, value in (("sample_id", 5), ("sample_id", "../../etc"), ("image", "x")):
        yield Message(topics.sample(CAMERA), msgspec.json.encode({**document, field: value}))
