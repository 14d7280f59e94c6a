"""How many bytes a publication takes on the wire (MQTT 5.0, sections 1.5, 2.1 and 3.3)."""

from __future__ import annotations

from gleancam.sinks.packed_properties import packed_properties, variable_integer
from gleancam.wire.message import Message


def publish_bytes(message: Message, *, mqtt5: bool) -> int:
    """Return the size of the whole PUBLISH packet, fixed header included."""
    properties = len(packed_properties(message)) if mqtt5 else 0
    remaining = 4 + len(message.topic.encode()) + properties + len(message.payload)
    return 1 + len(variable_integer(remaining)) + remaining
