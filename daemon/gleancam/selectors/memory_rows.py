"""How centres, seen entries and the state of a memory are stored: bytes there and back.

A row is a little-endian header, the sample id (centres only), and D float32.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass

import numpy as np

from gleancam.selectors.centre import Centre, SeenEntry
from gleancam_engines.planes import Float32Array

_CENTRE = struct.Struct("<qqH")
_SEEN = struct.Struct("<qqfq")


@dataclass(frozen=True, slots=True)
class MemoryState:
    """What holds for a whole memory.

    Attributes:
        epoch: counts up whenever a memory begins anew, or its settings change.
        radius: of the centres now, a cosine distance.
        initial_radius: before it ever doubled.
        capacity: centres at most.
        watched_ns: `WatchedTime` when this was stored.
    """

    epoch: int
    radius: float
    initial_radius: float
    capacity: int
    watched_ns: int


def encode_state(state: MemoryState) -> bytes:
    """Store a memory's state."""
    return json.dumps(asdict(state)).encode()


def decode_state(content: bytes) -> MemoryState:
    """Read a memory's state.

    Raises:
        ValueError: it is none.
    """
    fields = json.loads(content)
    try:
        return MemoryState(**fields)
    except TypeError as error:
        raise ValueError(f"no state of a memory: {error}") from error


def encode_centre(centre: Centre) -> bytes:
    """Store a centre."""
    sample_id = centre.sent_id.encode()
    header = _CENTRE.pack(centre.last_ns, centre.order, len(sample_id))
    return header + sample_id + _floats(centre.vector)


def decode_centre(row: int, content: bytes) -> Centre:
    """Read a centre.

    Raises:
        ValueError: it is none.
    """
    last_ns, order, length = _header(_CENTRE, content)
    begins = _CENTRE.size + length
    sample_id = content[_CENTRE.size : begins].decode()
    return Centre(row, _vector(content[begins:]), order, last_ns, sample_id)


def encode_seen(entry: SeenEntry) -> bytes:
    """Store a seen entry."""
    header = _SEEN.pack(entry.first_ns, entry.last_ns, entry.own, entry.centre)
    return header + _floats(entry.vector)


def decode_seen(row: int, content: bytes) -> SeenEntry:
    """Read a seen entry.

    Raises:
        ValueError: it is none.
    """
    first_ns, last_ns, own, centre = _header(_SEEN, content)
    return SeenEntry(row, _vector(content[_SEEN.size :]), first_ns, last_ns, own, centre)


def _header(layout: struct.Struct, content: bytes) -> tuple[int, ...]:
    if len(content) <= layout.size:
        raise ValueError(f"a row of {len(content)} bytes is too short")
    return layout.unpack_from(content)


def _floats(vector: Float32Array) -> bytes:
    return vector.astype("<f4").tobytes()


def _vector(content: bytes) -> Float32Array:
    vector = np.frombuffer(content, "<f4").astype(np.float32)
    norm = float(np.linalg.norm(vector))
    if not abs(norm - 1) <= 1e-2:  # NaN fits no comparison
        raise ValueError(f"a stored embedding has norm {norm:.3f} instead of 1")
    return vector
