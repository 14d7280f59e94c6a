"""One message as the broker brought it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came. `received_ns` is UTC nanoseconds."""

    topic: str
    payload: bytes
    user_properties: tuple[tuple[str, str], ...]
    received_ns: int
