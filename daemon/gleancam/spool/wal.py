"""A write-ahead log read without SQLite, which stops at the first damaged frame and says nothing.

Format: <https://www.sqlite.org/fileformat2.html>, section 4.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
BIG_ENDIAN_MAGIC = 0x377F0683
_MASK = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: where its page's bytes are in the log, and whether its own checksum holds.

    Attributes:
        commits: whether a transaction ends with it.
        salts: of the log's generation; leftovers of an older one have others.
    """

    page_number: int
    offset: int
    commits: bool
    salts: bytes
    sound: bool


@dataclass(frozen=True, slots=True)
class Log:
    """What is committed in a log, as far as it can be read.

    Attributes:
        pages: page number to the offset of its latest committed sound version.
        damaged: whether SQLite would pass over something that was committed.
    """

    pages: dict[int, int]
    damaged: bool


def read_log(path: Path, page_bytes: int) -> Log:
    """Read a log, which may be absent.

    Raises:
        OSError: it cannot be read.
    """
    if not path.exists() or path.stat().st_size < HEADER_BYTES + FRAME_HEADER_BYTES + page_bytes:
        return Log({}, damaged=False)
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
        order = ">" if int.from_bytes(header[:4], "big") == BIG_ENDIAN_MAGIC else "<"
        intact = _checksum(header[:24], (0, 0), order) == struct.unpack(">II", header[24:32])
        frames = _frames(file.read, struct.unpack(">II", header[24:32]), page_bytes, order)
    salts = header[16:24] if intact else _most_common([f.salts for f in frames if f.sound])
    own = [frame for frame in frames if frame.salts == salts or not frame.sound]
    return _committed(own, header_intact=intact)


def _committed(frames: list[Frame], *, header_intact: bool) -> Log:
    ends = [at for at, frame in enumerate(frames) if frame.sound and frame.commits]
    upto = frames[: ends[-1] + 1] if ends else []
    pages = {frame.page_number: frame.offset for frame in upto if frame.sound}
    return Log(pages, damaged=bool(upto) and not (header_intact and all(f.sound for f in upto)))


def _frames(
    read: Callable[[int], bytes], previous: tuple[int, int], page_bytes: int, order: str
) -> list[Frame]:
    frames: list[Frame] = []
    offset = HEADER_BYTES
    while len(found := read(FRAME_HEADER_BYTES + page_bytes)) == FRAME_HEADER_BYTES + page_bytes:
        number, size = struct.unpack(">II", found[:8])
        stated = struct.unpack(">II", found[16:24])
        state = _checksum(found[:8], previous, order)
        sound = _checksum(found[FRAME_HEADER_BYTES:], state, order) == stated
        at = offset + FRAME_HEADER_BYTES
        frames.append(Frame(number, at, size > 0, found[8:16], sound and number > 0))
        previous = stated
        offset += len(found)
    return frames


def _checksum(content: bytes, state: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = state
    words = struct.unpack(f"{order}{len(content) // 4}I", content)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & _MASK
        second = (second + odd + first) & _MASK
    return first, second


def _most_common(salts: list[bytes]) -> bytes:
    return Counter(salts).most_common(1)[0][0] if salts else b""
