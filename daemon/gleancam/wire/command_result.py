"""What became of a command: the answer to every message on a command topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from gleancam.wire.codec import JSON, decode, encode, readable
from gleancam.wire.fields import Count, Identifier, Payload, Text, Time
from gleancam.wire.finding import MOST_FINDINGS, FindingData
from gleancam.wire.message import Message
from gleancam.wire.reply import Reply
from gleancam.wire.times import rfc3339

LIMIT_BYTES = 4096
EXPIRY_S = 3600
"""An answer that nobody fetched within an hour is of no use."""

Outcome: TypeAlias = Literal[
    "done",
    "refused",
    "replayed",
    "expired",
    "unsynced",
    "busy",
    "retained",
    "unknown",
    "oversized",
    "malformed",
]


@readable
class CommandResultData(Payload, frozen=True, kw_only=True):
    """Payload of `cmd/{name}/result`. Only after `done` has anything changed."""

    command: Annotated[str, Meta(description="Its name; `unknown` for all that are none.")]
    id: Annotated[Identifier | None, Meta(description="Null when it could not be read.")]
    outcome: Annotated[
        Outcome,
        Meta(
            description="done; refused: not now; replayed: this id came before; expired; "
            "unsynced: the device's clock cannot tell; busy: too many unexpired ids; "
            "retained, unknown, oversized, malformed: no command."
        ),
    ]
    why: Annotated[Text, Meta(description="For people; after done only where `missing` is.")]
    first: Annotated[
        Outcome | None,
        Meta(
            description="After replayed: what it came to the first time; null when that is not "
            "known, since it is under way, or was when the device ended."
        ),
    ]
    missing: Annotated[
        tuple[Identifier, ...],
        Meta(description="Of fetch-sample: those that the device does not hold. Not to be had."),
    ] = ()
    findings: Annotated[
        tuple[FindingData, ...],
        Meta(max_length=MOST_FINDINGS, description="Of doctor: what it found."),
    ] = ()
    left_off: Annotated[
        Count, Meta(description="Of doctor: how many findings, the least bad, had no room.")
    ] = 0
    ts: Annotated[Time, Meta(description="When it was decided, by the device's clock.")]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about one message.

    Attributes:
        first: of `replayed`.
        missing: of fetch-sample.
        findings: of doctor, as `gleancam.wire.finding.bounded` gives them.
        left_off: of doctor.
    """

    outcome: Outcome
    why: str = ""
    first: Outcome | None = None
    missing: tuple[str, ...] = ()
    findings: tuple[FindingData, ...] = ()
    left_off: int = 0


def result_message(
    reply: Reply, command: str, command_id: str, verdict: Verdict, ts_ns: int
) -> Message:
    """Return the answer to one message; an empty `command_id` is an unreadable one."""
    data = CommandResultData(
        command=command,
        id=command_id or None,
        outcome=verdict.outcome,
        why=verdict.why[:200],
        first=verdict.first,
        missing=verdict.missing,
        findings=verdict.findings,
        left_off=verdict.left_off,
        ts=rfc3339(ts_ns),
    )
    return Message(
        reply.topic,
        encode(data),
        content_type=JSON,
        expiry_s=EXPIRY_S,
        correlation=reply.correlation,
    )


def parse_result(payload: bytes) -> CommandResultData:
    """Read an answer.

    Raises:
        WireError: it is none.
    """
    return decode(payload, CommandResultData, limit_bytes=LIMIT_BYTES)
