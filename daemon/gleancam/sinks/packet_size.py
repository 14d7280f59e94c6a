"""How many bytes a publication takes on the wire (MQTT 5.0, sections 1.5, 2.1 and 3.3)."""

from __future__ import annotations

from gleancam.wire.message import Message


def publish_bytes(message: Message, *, mqtt5: bool) -> int:
    """Return the size of the whole PUBLISH packet, fixed header included."""
    variable = 4 + len(message.topic.encode())
    if mqtt5:
        properties = _property_bytes(message)
        variable += _variable_integer_bytes(properties) + properties
    remaining = variable + len(message.payload)
    return 1 + _variable_integer_bytes(remaining) + remaining


def _property_bytes(message: Message) -> int:
    content_type = 3 + len(message.content_type.encode()) if message.content_type else 0
    expiry = 0 if message.expiry_s is None else 5
    response = 3 + len(message.response_topic.encode()) if message.response_topic else 0
    correlation = 3 + len(message.correlation) if message.correlation else 0
    return (
        content_type
        + expiry
        + response
        + correlation
        + sum(
            5 + len(name.encode()) + len(value.encode()) for name, value in message.user_properties
        )
    )


def _variable_integer_bytes(value: int) -> int:
    """Seven bits a byte, at least one."""
    return max(1, -(-value.bit_length() // 7))
