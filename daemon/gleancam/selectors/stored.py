"""What a selector stored, back from its bytes."""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")


def decoded(content: bytes, kind: type[T], what: str) -> T:
    """Read MessagePack.

    Args:
        content: what was stored.
        kind: the struct it holds.
        what: it is, for people: "a stored budget".

    Raises:
        ValueError: it is damaged.
    """
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except msgspec.DecodeError as error:
        raise ValueError(f"{what} cannot be read: {error}") from error
