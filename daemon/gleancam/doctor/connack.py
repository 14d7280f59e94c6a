"""Just enough MQTT to ask a broker who it is: CONNECT out, CONNACK in (OASIS MQTT 5.0, 3.1, 3.2).

The doctor must not disturb a running daemon: it needs no session, no will and no subscription, and
so no client library.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

CLEAN_START = 0x02
PASSWORD = 0x40
USERNAME = 0x80
DISCONNECT = b"\xe0\x00"
CONNACK = 0x20

RECEIVE_MAXIMUM = 0x21
MAXIMUM_QOS = 0x24
RETAIN_AVAILABLE = 0x25
MAXIMUM_PACKET_SIZE = 0x27

_FIXED_BYTES = {
    0x11: 4,  # session expiry
    0x13: 2,  # server keep alive
    RECEIVE_MAXIMUM: 2,
    0x22: 2,  # topic alias maximum
    MAXIMUM_QOS: 1,
    RETAIN_AVAILABLE: 1,
    MAXIMUM_PACKET_SIZE: 4,
    0x28: 1,  # wildcard subscriptions
    0x29: 1,  # subscription identifiers
    0x2A: 1,  # shared subscriptions
}
_USER_PROPERTY = 0x26

REASONS = {
    (4, 1): "it does not speak MQTT 3.1.1",
    (4, 2): "it rejects the client id",
    (4, 3): "it is unavailable",
    (4, 4): "bad user name or password",
    (4, 5): "not authorised",
    (5, 0x84): "it does not speak MQTT 5",
    (5, 0x86): "bad user name or password",
    (5, 0x87): "not authorised",
    (5, 0x88): "it is unavailable",
    (5, 0x89): "it is busy",
    (5, 0x8A): "banned",
}
"""By protocol level and code."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A CONNACK.

    Attributes:
        reason: 0 when the connection is accepted.
        properties: numbers by property identifier; text is left out.
    """

    reason: int
    properties: dict[int, int]


def connect_packet(level: int, username: str, password: str) -> bytes:
    """Build a CONNECT of protocol `level` (4: 3.1.1, 5) with no session and an empty client id."""
    flags = CLEAN_START | (USERNAME if username else 0) | (PASSWORD if password else 0)
    body = _text("MQTT") + struct.pack("!BBH", level, flags, 10)
    body += b"\0" if level == 5 else b""
    body += _text("") + b"".join(_text(word) for word in (username, password) if word)
    return b"\x10" + _length(len(body)) + body


def parse_connack(packet: bytes, level: int) -> Answer:
    """Read the body of a CONNACK: all after the fixed header.

    Raises:
        ValueError: it is no CONNACK of this level.
    """
    if len(packet) < 2:
        raise ValueError("a CONNACK has at least two bytes")
    properties = dict(_properties(packet[2:])) if level == 5 else {}
    return Answer(packet[1], properties)


def read_length(data: bytes) -> tuple[int, int]:
    """Decode a variable byte integer.

    Returns:
        Its value, and how many bytes it took.

    Raises:
        ValueError: it does not end within four bytes.
    """
    value = 0
    for index, byte in enumerate(data[:4]):
        value |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return value, index + 1
    raise ValueError("a length does not end")


def _properties(data: bytes) -> Iterator[tuple[int, int]]:
    if not data:
        return
    length, used = read_length(data)
    data = data[used : used + length]
    while data:
        identifier, data = data[0], data[1:]
        size = _FIXED_BYTES.get(identifier)
        if size is None:
            data = data[_text_bytes(data, 2 if identifier == _USER_PROPERTY else 1) :]
        else:
            yield identifier, int.from_bytes(data[:size], "big")
            data = data[size:]


def _text_bytes(data: bytes, count: int) -> int:
    """Length of `count` length-prefixed strings."""
    total = 0
    for _ in range(count):
        total += 2 + int.from_bytes(data[total : total + 2], "big")
    return total


def _text(word: str) -> bytes:
    data = word.encode()
    return struct.pack("!H", len(data)) + data


def _length(value: int) -> bytes:
    encoded = bytearray()
    while True:
        value, low = divmod(value, 128)
        encoded.append(low | (0x80 if value else 0))
        if not value:
            return bytes(encoded)
