"""Rows read out of a page without SQLite, which gives up a whole table for one bad pointer.

Format: <https://www.sqlite.org/fileformat2.html>, sections 1.6 and 2.1.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TypeAlias

Value: TypeAlias = "int | float | str | bytes | None"
ReadPage: TypeAlias = Callable[[int], bytes]

_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_REAL, _ZERO, _ONE, _FIRST_BLOB = 7, 8, 9, 12


class DamagedRowError(ValueError):
    """These bytes are no row."""


def cell_offsets(leaf: bytes) -> list[int]:
    """Return where a leaf's rows begin; those that lie outside the page are left out."""
    count = min(int.from_bytes(leaf[3:5], "big"), (len(leaf) - 8) // 2)
    offsets = struct.unpack(f">{count}H", leaf[8 : 8 + 2 * count])
    return [offset for offset in offsets if 8 < offset < len(leaf) - 2]


def read_row(leaf: bytes, offset: int, page: ReadPage, most_bytes: int) -> tuple[int, list[Value]]:
    """Return rowid and columns of the row at `offset`, from overflow pages too.

    Raises:
        DamagedRowError: there is none, or it would be larger than `most_bytes`.
    """
    size, at = _varint(leaf, offset)
    rowid, at = _varint(leaf, at)
    if not 0 < size <= most_bytes:
        raise DamagedRowError(f"a row of {size} bytes")
    local = _local_bytes(size, len(leaf))
    payload = leaf[at : at + local]
    if local < size:
        first = int.from_bytes(leaf[at + local : at + local + 4], "big")
        payload += _overflow(first, size - local, page, len(leaf))
    if len(payload) != size:
        raise DamagedRowError("it ends too soon")
    return rowid, _columns(payload)


def _local_bytes(size: int, usable: int) -> int:
    """Return how much of a row lies in the leaf itself."""
    most = usable - 35
    if size <= most:
        return size
    least = (usable - 12) * 32 // 255 - 23
    wanted = least + (size - least) % (usable - 4)
    return wanted if wanted <= most else least


def _overflow(number: int, size: int, page: ReadPage, usable: int) -> bytes:
    parts: list[bytes] = []
    while size > 0:
        if number < 2:
            raise DamagedRowError("a chain of pages that ends too soon")
        content = page(number)
        number = int.from_bytes(content[:4], "big")
        parts.append(content[4 : 4 + min(size, usable - 4)])
        size -= len(parts[-1])
    return b"".join(parts)


def _columns(payload: bytes) -> list[Value]:
    end, at = _varint(payload, 0)
    if not at <= end <= len(payload):
        raise DamagedRowError("no header")
    kinds: list[int] = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Value] = []
    for kind in kinds:
        size = _size(kind)
        if at + size > len(payload):
            raise DamagedRowError("a column that ends outside")
        values.append(_value(kind, payload[at : at + size]))
        at += size
    return values


def _size(kind: int) -> int:
    if kind >= _FIRST_BLOB:
        return (kind - _FIRST_BLOB) // 2
    return 8 if kind == _REAL else _INTEGER_BYTES.get(kind, 0)


def _value(kind: int, content: bytes) -> Value:
    if kind >= _FIRST_BLOB:
        return _text(content) if kind % 2 else content
    if kind == _REAL:
        return float(struct.unpack(">d", content)[0])
    if kind in {_ZERO, _ONE}:
        return kind - _ZERO
    if kind == 0:
        return None
    if kind not in _INTEGER_BYTES:
        raise DamagedRowError(f"a column of kind {kind}")
    return int.from_bytes(content, "big", signed=True)


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise DamagedRowError("text that is none") from error


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """Return a number of 1 to 9 bytes, at most 64 bits, and where it ends."""
    value = 0
    for length, byte in enumerate(content[at : at + 9], 1):
        if length == 9:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + length
    raise DamagedRowError("a number that ends outside")
