"""A publication's properties as bytes (MQTT 5.0, sections 2.2.2 and 3.3.2.3).

paho's `Properties` looks every name up in lists, again and again: for a sample that took longer
than sending it.
"""

from __future__ import annotations

from functools import lru_cache

from gleancam.wire.message import Message

MESSAGE_EXPIRY, CONTENT_TYPE, RESPONSE_TOPIC, CORRELATION, USER = 2, 3, 8, 9, 38
"""Property identifiers."""


def packed_properties(message: Message) -> bytes:
    """Return length and properties, as they stand in the packet.

    Raises:
        OverflowError: a text is longer than 65,535 bytes.
    """
    return _packed(
        message.expiry_s,
        message.content_type,
        message.response_topic,
        message.correlation,
        message.user_properties,
    )


@lru_cache(maxsize=256)
def _packed(
    expiry_s: int | None,
    content_type: str,
    response_topic: str,
    correlation: bytes,
    user_properties: tuple[tuple[str, str], ...],
) -> bytes:
    """A message is asked for three times: is it too large, what does it cost, and to be sent."""
    parts: list[bytes] = []
    if expiry_s is not None:
        parts += (bytes((MESSAGE_EXPIRY,)), expiry_s.to_bytes(4, "big"))
    if content_type:
        parts += (bytes((CONTENT_TYPE,)), _string(content_type.encode()))
    if response_topic:
        parts += (bytes((RESPONSE_TOPIC,)), _string(response_topic.encode()))
    if correlation:
        parts += (bytes((CORRELATION,)), _string(correlation))
    for name, value in user_properties:
        parts += (_user(name), _string(value.encode()))
    content = b"".join(parts)
    return variable_integer(len(content)) + content


@lru_cache(maxsize=64)
def _user(name: str) -> bytes:
    """A device has about a dozen names, the same in every message."""
    return bytes((USER,)) + _string(name.encode())


def _string(content: bytes) -> bytes:
    return len(content).to_bytes(2, "big") + content


def variable_integer(value: int) -> bytes:
    """Return a length as packets have it (MQTT 5.0, 1.5.5).

    Seven bits a byte, the lowest first; the eighth says that another follows.
    """
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)
