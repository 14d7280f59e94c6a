"""The stand-in's plan: what it was built for, and the ONNX bytes that it really runs."""

from __future__ import annotations

import hashlib

import msgspec

MAGIC = b"standin plan\n"
_DIGEST_BYTES = 32


class Profile(msgspec.Struct, frozen=True):
    """Smallest, tuned and largest shape of each input."""

    shapes: dict[str, tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]


class Plan(msgspec.Struct, frozen=True):
    """A built engine."""

    version: str
    compute_capability: tuple[int, int]
    flags: tuple[str, ...]
    strongly_typed: bool
    profiles: tuple[Profile, ...]
    pools: dict[str, int]
    onnx: bytes


def encode(plan: Plan) -> bytes:
    """Return the bytes of a plan, ending in a hash of all before."""
    content = MAGIC + msgspec.msgpack.encode(plan)
    return content + hashlib.sha256(content).digest()


def decode(content: bytes) -> Plan | None:
    """Return the plan, or None where the bytes are none, or not all of one."""
    body, digest = content[:-_DIGEST_BYTES], content[-_DIGEST_BYTES:]
    if not body.startswith(MAGIC) or hashlib.sha256(body).digest() != digest:
        return None
    return msgspec.msgpack.decode(body[len(MAGIC) :], type=Plan)
