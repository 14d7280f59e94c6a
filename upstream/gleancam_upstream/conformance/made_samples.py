"""Samples and events for a consumer under test: as a device makes them, without a camera."""

from __future__ import annotations

import base64
import hashlib
import time
import uuid

import msgspec

from gleancam.wire.context import Images
from gleancam.wire.ensemble_data import NOBODY
from gleancam.wire.event import EventData
from gleancam.wire.parcel import ALWAYS_WANTED, Kind, Parcel
from gleancam.wire.sample_data import (
    EmbeddingData,
    FrameData,
    ImageData,
    SampleData,
    SceneData,
    SelectionData,
)
from gleancam.wire.times import rfc3339
from gleancam.wire.topics import Topics

CAMERA = "made"
SIDE = 16
_PREFIX = "conformance-"
_GREY = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4"
    "UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAAQABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QA"
    "tRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0"
    "NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2"
    "t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/ACiiiv/Z"
)
"""A grey JPEG of `SIDE` by `SIDE` pixels."""


def made_sample(topics: Topics, *, images: Images = "topic") -> Parcel:
    """Return a sample of its own, with a picture of its own; held if `images` says so."""
    sample_id, now_ns = _new_id(), time.time_ns()
    jpeg = _jpeg(sample_id)
    data = SampleData(
        sample_id=sample_id,
        site=topics.site,
        device=topics.device,
        camera=CAMERA,
        captured=rfc3339(now_ns),
        mono_ns=time.monotonic_ns(),
        boot_id="conformance",
        clock_synced="true",
        historical=False,
        frame=FrameData(seq=0, width=SIDE, height=SIDE, matrix="BT601", range="full"),
        image=_image(jpeg, images, topics.image(CAMERA, sample_id)),
        selection=_SELECTION,
        embedding=EmbeddingData(space_id="conformance", dim=2, dtype="f16", base64="zThmOg=="),
        scene=SceneData(id="conformance"),
        labels=(),
        evidence=(),
        ensemble=NOBODY,
    )
    kind: Kind = "manifest" if images == "held" else "sample"
    raw = msgspec.json.encode(data)
    return Parcel(sample_id, kind, CAMERA, now_ns, raw, jpeg, ALWAYS_WANTED)


def made_event(topics: Topics) -> Parcel:
    """Return an event of a kind that is not in the contract yet: consumers do not judge kinds."""
    event_id, now_ns = _new_id(), time.time_ns()
    data = EventData(
        event_id=event_id,
        site=topics.site,
        device=topics.device,
        camera=CAMERA,
        event="conformance_test",
        at=rfc3339(now_ns),
        boot_id="conformance",
        clock_synced="true",
    )
    raw = msgspec.json.encode(data)
    return Parcel(event_id, "event", CAMERA, now_ns, raw, None, ALWAYS_WANTED)


def is_made(parcel_id: str) -> bool:
    """Whether an id was made here, in this trial or an earlier one."""
    return parcel_id.startswith(_PREFIX)


def _new_id() -> str:
    return f"{_PREFIX}{uuid.uuid4().hex}"


_SELECTION = msgspec.convert(
    {
        "reason": "novel",
        "arm": "policy",
        "score": None,
        "threshold": None,
        "percentile": None,
        "propensity": 1.0,
        "policy_id": "conformance",
        "nearest_id": None,
    },
    SelectionData,
)


def _image(jpeg: bytes, images: Images, ref: str) -> ImageData:
    return ImageData(
        sha256=hashlib.sha256(jpeg).hexdigest(),
        bytes=len(jpeg),
        mime="image/jpeg",
        delivery=images,
        ref=ref,
        width=SIDE,
        height=SIDE,
        quality=50,
        redactions=(),
    )


def _jpeg(note: str) -> bytes:
    """Return the picture with a comment right after its start (ITU-T T.81, B.2.4.5)."""
    text = note.encode()
    return _GREY[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + _GREY[2:]
