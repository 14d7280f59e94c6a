"""Whether a parcel is still what was written: SQLite does not look into what it stores."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from gleancam.wire.parcel import Parcel
from gleancam.wire.picture import sample_of

DIGEST_BYTES = 16


def digest(parcel: Parcel) -> bytes:
    """Return 128 bits of the SHA-256, at which processors are fast, of what is delivered.

    A picture that is held has that of the manifest it came from: its bytes are the same, and it
    becomes what it is without being read or written.
    """
    made = hashlib.sha256()
    name, kind = parcel.parcel_id, parcel.kind
    if kind == "picture":
        name, kind = sample_of(name), "manifest"
    head = (name, kind, parcel.camera_id, parcel.captured_ns, parcel.lane)
    image = parcel.image or b""
    made.update(json.dumps([*head, len(parcel.data), parcel.image is None]).encode())
    made.update(parcel.data)
    made.update(image)
    return made.digest()[:DIGEST_BYTES]


SHAPE = (str, str, str, int, bytes, bytes | None, float, str)
"""Types of a parcel's fields, in order."""


def misshapen(fields: Sequence[object]) -> bool:
    """Whether a parcel's fields, read from disk, are of wrong types: that was no row of one."""
    return not all(map(isinstance, fields, SHAPE))


def unsound(parcel: Parcel, expected: bytes | None) -> str:
    """Return what is wrong with a parcel read from disk; empty when nothing is.

    Without an expected digest (rows of an older format) the picture is held against the manifest.
    """
    if expected is not None:
        return "" if digest(parcel) == expected else "not the bytes that were written"
    return unlike_manifest(parcel)


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
