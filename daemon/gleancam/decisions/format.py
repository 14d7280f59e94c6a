"""The decision log on disk, version 1: a folder of segments `000000000001.gleanlog` and so on.

A segment, all numbers little-endian:

    8 bytes   "GLEANLOG"
    u16       version
    frame     the epoch, as JSON (`epoch.py`)
    frame …   one for every record

A frame is u32 length, u32 CRC-32 of the body, and the body of that length, at least one byte. A
record's body begins with its kind:

    "D"       a decision: D float16, the embedding; then MessagePack (`record.py`)
    "C"       what a sample or event cost: MessagePack [camera, parcel id, bytes]

where D is the epoch's `dimension`. Segments are written one after the other and only at their end.
A power cut may cost the end of one, or leave zeros there: what follows the last whole frame is
passed over and counted. A process begins with a new segment, so clocks never restart within one.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

MAGIC = b"GLEANLOG"
VERSION = 1
DECISION = b"D"
COST = b"C"

_PREAMBLE = struct.Struct("<8sH")
_FRAME = struct.Struct("<II")
FRAME_BYTES = _FRAME.size
"""What a frame adds to its body."""


class ForeignVersionError(ValueError):
    """The segment is of a version that this module does not know."""


def preamble() -> bytes:
    """Give what a segment begins with."""
    return _PREAMBLE.pack(MAGIC, VERSION)


def framed(body: bytes) -> bytes:
    """Give `body` with its length and check sum.

    Raises:
        ValueError: it is empty: zeros would pass for such a frame.
    """
    if not body:
        raise ValueError("a frame needs a body")
    return _FRAME.pack(len(body), zlib.crc32(body)) + body


def has_preamble(content: bytes) -> bool:
    """Whether a segment begins here; False where a power cut left too little of it.

    Raises:
        ForeignVersionError: it does, in another version.
    """
    if len(content) < _PREAMBLE.size:
        return False
    magic, version = _PREAMBLE.unpack_from(content)
    if magic != MAGIC:
        return False
    if version != VERSION:
        raise ForeignVersionError(f"version {version} of the format, not {VERSION}")
    return True


def spans(content: bytes) -> Iterator[tuple[int, int]]:
    """Give begin and end of every whole body behind the preamble, up to the first broken one."""
    view = memoryview(content)
    begin = _PREAMBLE.size + FRAME_BYTES
    while begin <= len(content):
        length, check = _FRAME.unpack_from(content, begin - FRAME_BYTES)
        end = begin + length
        if not length or end > len(content) or zlib.crc32(view[begin:end]) != check:
            return
        yield begin, end
        begin = end + FRAME_BYTES
