"""What sending a parcel costs."""

from __future__ import annotations

from gleancam.wire.message import Message
from gleancam.wire.parcel import Parcel, messages
from gleancam.wire.topics import Topics

_FIXED_BYTES = 1 + 4 + 2 + 2 + 4
"""MQTT 5.0 section 3.3: type, remaining length, length of the topic, packet id, properties."""
_PROPERTY_BYTES = 1 + 2 + 2


def wire_bytes(parcel: Parcel, topics: Topics, *, mqtt5: bool) -> int:
    """Bytes of the PUBLISH packets of a first attempt, without TCP, TLS and acknowledgements."""
    sent = messages(parcel, topics, attempt=1, spooled_s=0, mqtt5=mqtt5)
    return sum(_packet_bytes(message) for message in sent)


def _packet_bytes(message: Message) -> int:
    texts = [message.content_type, *(text for pair in message.user_properties for text in pair)]
    properties = len(message.user_properties) + 1
    lengths = sum(len(text.encode()) for text in (message.topic, *texts))
    return _FIXED_BYTES + _PROPERTY_BYTES * properties + lengths + len(message.payload)
