"""Whether a parcel is still what was written: SQLite does not look into what it stores."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Protocol

from xxhash import xxh3_64

from gleancam.wire.parcel import Parcel
from gleancam.wire.picture import sample_of

OLD_DIGEST_BYTES = 16


def digest(parcel: Parcel) -> bytes:
    """Return XXH3's 64 bits of what is delivered: against broken disks, not against people.

    Every parcel is read this way before it is sent. SHA-256 takes twenty times as long, about as
    much as sending.

    A picture that is held has that of the manifest it came from: its bytes are the same, and it
    becomes what it is without being read or written.
    """
    return _of(parcel, xxh3_64())


def old_digest(parcel: Parcel) -> bytes:
    """Return what spools up to format 4 have: 128 bits of the SHA-256."""
    return _of(parcel, hashlib.sha256())[:OLD_DIGEST_BYTES]


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


def _of(parcel: Parcel, made: _Hash) -> bytes:
    for part in (_head(parcel), parcel.data, parcel.image or b""):
        made.update(part)
    return made.digest()


def _head(parcel: Parcel) -> bytes:
    name, kind = parcel.parcel_id, parcel.kind
    if kind == "picture":
        name, kind = sample_of(name), "manifest"
    head = (name, kind, parcel.camera_id, parcel.captured_ns, parcel.lane)
    return json.dumps([*head, len(parcel.data), parcel.image is None]).encode()


SHAPE = (str, str, str, int, bytes, bytes | None, float, str)
"""Types of a parcel's fields, in order."""


def misshapen(fields: Sequence[object]) -> bool:
    """Whether a parcel's fields, read from disk, are of wrong types: that was no row of one."""
    return not all(map(isinstance, fields, SHAPE))


def unsound(parcel: Parcel, expected: bytes | None) -> str:
    """Return what is wrong with a parcel read from disk; empty when nothing is.

    Without an expected digest (rows of an older format) the picture is held against the manifest.
    """
    if expected is None:
        return unlike_manifest(parcel)
    found = (old_digest if len(expected) == OLD_DIGEST_BYTES else digest)(parcel)
    return "" if found == expected else "not the bytes that were written"


def unlike_manifest(parcel: Parcel) -> str:
    """Return how id or picture contradict the JSON; empty when they do not."""
    try:
        manifest: Any = json.loads(parcel.data)
    except ValueError:
        return "its JSON cannot be read"
    if not isinstance(manifest, dict):
        return "its JSON is no object"
    name = sample_of(parcel.parcel_id) if parcel.kind == "picture" else parcel.parcel_id
    if name not in (manifest.get("sample_id"), manifest.get("event_id")):
        return "its JSON bears another id"
    block = manifest.get("image")
    stated = block.get("sha256") if isinstance(block, dict) else None
    if parcel.image is None or stated is None:
        return ""
    found = hashlib.sha256(parcel.image).hexdigest()
    return "" if found == stated else "its picture is not the manifest's"
