"""Rules that are judged by all that a device sent, once there is no more to come; pure.

Each judge returns what is wrong, empty where nothing is, and None where nothing can be told.
"""

from __future__ import annotations

import msgspec

from gleancam.wire.cloudevent import LIMIT_BYTES
from gleancam.wire.codec import decode
from gleancam.wire.error import WireError
from gleancam.wire.payloads import PAYLOADS
from gleancam.wire.sample import sample_data
from gleancam.wire.schemas import SchemaName
from gleancam_upstream.conformance.device_log import DeviceLog, Heard, opened_or_bare
from gleancam_upstream.conformance.envelopes import wrong_envelope
from gleancam_upstream.conformance.objects import object_of
from gleancam_upstream.verification import (
    claimed_id,
    verified_event,
    verified_manifest,
    verify_image,
)

_SCHEMAS: dict[str, SchemaName] = {
    "status": "status",
    "camera_status": "camera-status",
    "info": "info",
    "command_result": "command-result",
}


def schemas(log: DeviceLog) -> str | None:
    """Judge D-05."""
    seen = False
    for heard in log.all("sample", "event", *_SCHEMAS):
        seen = True
        try:
            _check(heard)
        except WireError as error:
            return f"{heard.message.topic}: {error}"
    return "" if seen else None


def order(log: DeviceLog) -> str | None:
    """Judge D-06: at the first delivery."""
    seen = False
    for parcel_id, one in log.parcels().items():
        if one.first_image is not None and one.first_data is not None and not one.alone:
            seen = True
            if one.first_image > one.first_data:
                return f"{parcel_id}: the manifest came first"
    return "" if seen else None


def images(log: DeviceLog) -> str | None:
    """Judge D-07, of every manifest that can be read, at every delivery."""
    seen = False
    for parcel_id, one in log.parcels().items():
        if not one.data or one.kind != "sample":
            continue
        try:
            claimed = sample_data(one.data[0]).image
        except WireError:
            continue  # D-05 tells of it
        if claimed.delivery == "topic" and not one.images:
            return f"{parcel_id}: no image came"
        for jpeg in one.images:
            seen = True
            try:
                verify_image(claimed, jpeg)
            except WireError as error:
                return f"{parcel_id}: {error}"
    return "" if seen else None


def attributes(log: DeviceLog) -> str | None:
    """Judge D-08."""
    seen = False
    for heard in log.all("sample", "event"):
        wrong = wrong_envelope(heard, claimed_id(opened_or_bare(heard.message)))
        if wrong:
            return f"{heard.message.topic}: {wrong}"
        seen = seen or wrong is not None
    return "" if seen else None


def repeats(log: DeviceLog) -> str | None:
    """Judge D-11."""
    seen = False
    for parcel_id, one in log.parcels().items():
        seen = seen or one.times > 1
        if len(set(one.data)) > 1:
            return f"{parcel_id}: its data is not the same"
        if len(set(one.images)) > 1:
            return f"{parcel_id}: its image is not the same"
    return "" if seen else None


def _check(heard: Heard) -> None:
    payload, kind = heard.message.payload, heard.address.kind
    if kind == "sample":
        verified_manifest(heard.address, opened_or_bare(heard.message))
    elif kind == "event":
        verified_event(heard.address, opened_or_bare(heard.message))
    elif payload:
        if kind == "status" and (document := object_of(payload)):
            # Whether there is a session number is D-02's question.
            payload = msgspec.json.encode({"session": 0, **document})
        decode(payload, PAYLOADS[_SCHEMAS[kind]], limit_bytes=LIMIT_BYTES)
