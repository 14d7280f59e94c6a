"""A device's twin: the configuration wanted of it, and what is in force and why not more.

`desired` says only how a file on the device's disk is to be changed, never where anything lies.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta

from gleancam.wire.codec import JSON, decode, encode, readable
from gleancam.wire.error import WireError
from gleancam.wire.fields import Payload, Sha256, Text, Time
from gleancam.wire.message import Message
from gleancam.wire.topics import Topics

LIMIT_BYTES = 256 * 1024
"""A site with a hundred cameras has 50 KB."""
REPORTED_BYTES = 64 * 1024
MOST_ERRORS = 32

Version = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Force: TypeAlias = Literal["file", "trial", "confirmed"]
Refusal: TypeAlias = Literal["rejected", "rolled-back"]


@readable
class DesiredData(Payload, frozen=True, kw_only=True):
    """Payload of `desired`, retained. An empty payload asks for nothing and changes nothing."""

    version: Annotated[
        Version,
        Meta(description="Chosen by the sender, higher each time; one that failed never returns."),
    ]
    configuration: Annotated[
        dict[str, Any],
        Meta(
            description="What to change in the device's file: tables are merged, cameras and "
            "prototypes' tags are found by `id` and `tag`; {} takes everything back."
        ),
    ]


class ErrorData(Payload, frozen=True, kw_only=True):
    """One thing that is wrong with what was wanted."""

    path: Annotated[Text, Meta(description="Of the key, as cameras[0].fps; may be empty.")]
    message: Annotated[str, Meta(max_length=400, description="For people; never a credential.")]


class RefusedData(Payload, frozen=True, kw_only=True):
    """What was wanted last, and is not in force."""

    version: Annotated[Version | None, Meta(description="Null when it could not be read.")]
    outcome: Annotated[
        Refusal,
        Meta(description="rejected: it changed nothing; rolled-back: it failed its trial."),
    ]
    errors: Annotated[
        tuple[ErrorData, ...], Meta(max_length=MOST_ERRORS, description="Why; the first of them.")
    ]


@readable
class ReportedData(Payload, frozen=True, kw_only=True):
    """Payload of `reported`, retained."""

    state: Annotated[
        Force,
        Meta(
            description="What is in force: the file alone; a wanted configuration on trial; or one "
            "that came through its trial."
        ),
    ]
    version: Annotated[Version | None, Meta(description="In force; null: the file alone.")]
    allowed: Annotated[
        bool, Meta(description="Whether the file lets anybody ask; if not, nobody listens.")
    ]
    trial_left_s: Annotated[
        float | None, Meta(description="Seconds of the trial left; null without a trial.")
    ]
    refused: Annotated[RefusedData | None, Meta(description="Null when nothing was refused.")]
    configuration_sha256: Annotated[
        Sha256, Meta(description="Of all that is in force, to tell one from another.")
    ]
    gleancam: Annotated[str, Meta(description="The version of the daemon.")]
    ts: Annotated[Time, Meta(description="When it was written.")]


def parse_desired(payload: bytes) -> DesiredData:
    """Read what is wanted; nothing in it has been held against the device's own keys yet.

    Raises:
        WireError: it is too large, or none.
    """
    return decode(payload, DesiredData, limit_bytes=LIMIT_BYTES)


def desired_message(topics: Topics, data: DesiredData) -> Message:
    """Return the retained message that asks for a configuration.

    Raises:
        WireError: it is larger than a device takes.
    """
    payload = encode(data)
    if len(payload) > LIMIT_BYTES:
        raise WireError(f"desired has {len(payload)} bytes, at most {LIMIT_BYTES} are taken")
    return Message(topics.desired, payload, retain=True, content_type=JSON)


def reported_message(topics: Topics, data: ReportedData) -> Message:
    """Return the retained message that says what is in force."""
    return Message(topics.reported, encode(data), retain=True, content_type=JSON)


def parse_reported(payload: bytes) -> ReportedData:
    """Read what a device says is in force.

    Raises:
        WireError: it is none.
    """
    return decode(payload, ReportedData, limit_bytes=REPORTED_BYTES)
