"""Structs to JSON bytes and back; whatever the bytes are, the answer is a value or `WireError`."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from gleancam.wire.error import WireError

JSON = "application/json"

T = TypeVar("T")

_DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {}


def readable(kind: type[T]) -> type[T]:
    """Decorate a struct that `decode` is to read.

    Its decoder is made here, where it is defined. Made when it is first needed, by two threads at
    once, it could end the process: both fill in what msgspec (0.22) knows of the structs inside.
    """
    _DECODERS[kind] = msgspec.json.Decoder(kind)
    return kind


def encode(payload: msgspec.Struct) -> bytes:
    """Return compact UTF-8 JSON, fields in the struct's order: equal values give equal bytes."""
    return msgspec.json.encode(payload)


def decode(payload: bytes, kind: type[T], *, limit_bytes: int) -> T:
    """Read `payload` as `kind`, which is `readable`.

    Raises:
        WireError: it is longer than `limit_bytes`, no UTF-8, no JSON, or not of this shape.
    """
    if len(payload) > limit_bytes:
        raise WireError(f"payload has {len(payload)} bytes, at most {limit_bytes} are taken")
    try:
        payload.decode()  # msgspec passes over fields that it does not know without looking
        found: T = _DECODERS[kind].decode(payload)
    except msgspec.ValidationError as error:
        raise WireError(f"payload is not a {kind.__name__}: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(f"payload is no JSON: {error}") from error
    except RecursionError as error:
        raise WireError(f"payload is not a {kind.__name__}: nested too deeply") from error
    return found
