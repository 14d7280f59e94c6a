"""Acknowledgements: a consumer tells a device which parcels it may forget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gleancam.wire.codec import JSON, decode, encode, readable
from gleancam.wire.fields import Identifier, Payload
from gleancam.wire.message import Message
from gleancam.wire.topics import Topics

LIMIT_BYTES = 256 * 1024
MAX_IDS = 1000
MAX_WHY = 200


class RejectionData(Payload, frozen=True, kw_only=True):
    """One parcel the consumer will never take."""

    id: Identifier
    why: Annotated[str, Meta(description=f"For people; cut to {MAX_WHY} characters when read.")]


@readable
class AckData(Payload, frozen=True, kw_only=True):
    """Payload of `ack`: sample and event ids that are on the consumer's disk, or never will be."""

    ids: Annotated[
        tuple[Identifier, ...],
        Meta(max_length=MAX_IDS, description="Written durably, now or earlier."),
    ] = ()
    rejected: Annotated[
        tuple[RejectionData, ...],
        Meta(max_length=MAX_IDS, description="Invalid: do not send them again."),
    ] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """One parcel the consumer will never take, and why (printable, at most 200 characters)."""

    id: str
    why: str


@dataclass(frozen=True, slots=True)
class Ack:
    """What a consumer said about parcels of this device."""

    ids: tuple[str, ...]
    rejected: tuple[Rejection, ...] = ()


def parse_ack(payload: bytes) -> Ack:
    """Read an acknowledgement.

    Raises:
        WireError: too long, too many ids, no JSON, or an id that is none.
    """
    data = decode(payload, AckData, limit_bytes=LIMIT_BYTES)
    return Ack(data.ids, tuple(Rejection(row.id, _printable(row.why)) for row in data.rejected))


def ack_message(
    topics: Topics, ids: tuple[str, ...], rejected: tuple[Rejection, ...] = ()
) -> Message:
    """Return the acknowledgement of at most `MAX_IDS` parcels of one device."""
    rows = tuple(RejectionData(id=row.id, why=_printable(row.why)) for row in rejected)
    return Message(topics.ack, encode(AckData(ids=ids, rejected=rows)), content_type=JSON)


def _printable(why: str) -> str:
    """Cut, and free of what would break a line of a log."""
    return "".join(c if c.isprintable() else " " for c in why[:MAX_WHY])
