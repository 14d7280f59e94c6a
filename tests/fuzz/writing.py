"""JSON as no library would write it: raw tokens, keys that occur twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Document: TypeAlias = (
    "dict[str, Document] | list[Document] | Token | Twice | str | int | float | None"
)


@dataclass(frozen=True)
class Token:
    """Bytes that stand where a value stands, valid or not."""

    raw: bytes


@dataclass(frozen=True)
class Twice:
    """An object, then its keys again with other values."""

    first: dict[str, Document]
    again: Sequence[tuple[str, Document]]


def write(document: Document) -> bytes:
    match document:
        case Token(raw):
            return raw
        case dict():
            return b"{" + _pairs(tuple(document.items())) + b"}"
        case Twice(first, again):
            return b"{" + _pairs((*first.items(), *again)) + b"}"
        case list():
            return b"[" + b",".join(map(write, document)) + b"]"
    return json.dumps(document).encode()


def _pairs(pairs: Sequence[tuple[str, Document]]) -> bytes:
    return b",".join(json.dumps(key).encode() + b":" + write(value) for key, value in pairs)
