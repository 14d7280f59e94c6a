"""Structs to JSON bytes and back; whatever the bytes are, the answer is a value or `WireError`."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from gleancam.wire.error import WireError

JSON = "application/json"

T = TypeVar("T")


def encode(payload: msgspec.Struct) -> bytes:
    """Return compact UTF-8 JSON, fields in the struct's order: equal values give equal bytes."""
    return msgspec.json.encode(payload)


def decode(payload: bytes, kind: type[T], *, limit_bytes: int) -> T:
    """Read `payload` as `kind`.

    Raises:
        WireError: it is longer than `limit_bytes`, no UTF-8, no JSON, or not of this shape.
    """
    if len(payload) > limit_bytes:
        raise WireError(f"payload has {len(payload)} bytes, at most {limit_bytes} are taken")
    try:
        payload.decode()  # msgspec passes over fields that it does not know without looking
        return msgspec.json.decode(payload, type=kind)
    except msgspec.ValidationError as error:
        raise WireError(f"payload is not a {kind.__name__}: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(f"payload is no JSON: {error}") from error
    except RecursionError as error:
        raise WireError(f"payload is not a {kind.__name__}: nested too deeply") from error
