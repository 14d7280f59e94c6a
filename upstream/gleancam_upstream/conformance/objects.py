"""Reads JSON that may be anything."""

from __future__ import annotations

import msgspec


def object_of(payload: bytes) -> dict[str, object]:
    """Return a JSON object; empty where the payload is none."""
    try:
        return msgspec.json.decode(payload, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
