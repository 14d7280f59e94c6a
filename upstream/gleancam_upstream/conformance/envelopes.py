"""Whether a manifest or event bears the attributes of CloudEvents 1.0, in either mode; pure."""

from __future__ import annotations

from collections.abc import Mapping

from gleancam.wire.cloudevent import SPEC_VERSION, STRUCTURED
from gleancam.wire.codec import JSON
from gleancam.wire.error import WireError
from gleancam.wire.schema_id import schema_id
from gleancam.wire.times import nanoseconds
from gleancam_upstream.conformance.device_log import Heard
from gleancam_upstream.conformance.objects import object_of


def wrong_envelope(heard: Heard, parcel_id: str) -> str | None:
    """Return what is wrong with an envelope, empty if nothing is; None: there is none to be seen.

    Over MQTT 3.1.1 nothing is to be seen of the envelope that a device puts on over MQTT 5.
    """
    message = heard.message
    if message.user_properties or message.content_type == JSON:
        wrong_type = message.content_type != JSON
        attributes: Mapping[str, object] = dict(message.user_properties)
        return _wrong(heard, attributes, parcel_id) or (
            f"content type is {message.content_type!r}, not {JSON}" * wrong_type
        )
    document = object_of(message.payload)
    if "specversion" not in document:
        return None
    if message.content_type not in {"", STRUCTURED}:
        return f"content type is {message.content_type!r}, not {STRUCTURED}"
    return _wrong(heard, document, parcel_id) or "" if "data" in document else "there is no data"


def _wrong(heard: Heard, attributes: Mapping[str, object], parcel_id: str) -> str:
    address = heard.address
    expected = {
        "specversion": SPEC_VERSION,
        "id": parcel_id,
        "source": address.topics.camera(address.camera_id),
        "type": f"gleancam.{address.kind}.v1",
        "dataschema": schema_id(address.kind),
    }
    for name, value in expected.items():
        if attributes.get(name) != value:
            return f"attribute {name} is {attributes.get(name)!r}, not {value!r}"
    try:
        nanoseconds(str(attributes.get("time", "")))
    except WireError as error:
        return f"attribute time: {error}"
    return ""
