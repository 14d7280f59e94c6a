"""Commands to a device: data that is checked, never run. One struct for all of them.

Whatever arrives gives a `Request`: a command of the contract, or why it is none and where to say
so. Nothing here looks at a clock or remembers anything: `gleancam.delivery.command_desk` does.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias, get_args

from msgspec import Meta

from gleancam.wire.codec import JSON, decode, encode, readable
from gleancam.wire.envelope import Envelope
from gleancam.wire.error import WireError
from gleancam.wire.fields import Identifier, Payload, Time
from gleancam.wire.message import Message
from gleancam.wire.reply import Reply, reply_for
from gleancam.wire.times import nanoseconds, rfc3339
from gleancam.wire.topics import Topics

LIMIT_BYTES = 4096
MOST_CORRELATION_BYTES = 256
MOST_SAMPLES = 32

CommandName: TypeAlias = Literal[
    "capture-now", "doctor", "fetch-sample", "flush", "metered", "pause", "rebirth", "resume"
]
COMMANDS: dict[str, CommandName] = {name: name for name in get_args(CommandName)}
UNKNOWN = "unknown"
"""Stands for every other name, so that a sender cannot make up labels of metrics."""

Fault: TypeAlias = Literal["retained", "unknown", "oversized", "malformed"]


@readable
class CommandData(Payload, frozen=True, kw_only=True):
    """Payload of `cmd/{name}`. Never retained; it must expire."""

    id: Annotated[
        Identifier,
        Meta(description="Chosen by the sender, new for each command; the same again: no effect."),
    ]
    expires: Annotated[
        Time | None,
        Meta(
            description="From then on it has no effect; at most a day ahead. Needed unless both "
            "ends speak MQTT 5 and the message has a Message Expiry; the earlier one holds."
        ),
    ] = None
    camera: Annotated[
        Identifier | None, Meta(description="For capture-now: this camera only; null: all.")
    ] = None
    on: Annotated[
        bool | None, Meta(description="For metered, which needs it: whether bytes cost money now.")
    ] = None
    samples: Annotated[
        tuple[Identifier, ...],
        Meta(
            max_length=MOST_SAMPLES,
            description="For fetch-sample, which needs one: whose held pictures to send.",
        ),
    ] = ()


@readable
class _Named(Payload, frozen=True, kw_only=True):
    """As much of a payload that is no command as an answer wants."""

    id: Identifier


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody wants.

    Attributes:
        camera_id: empty: all cameras.
        on: of `metered`; None for all others.
        expires_ns: UTC nanoseconds; None when the payload does not say.
        samples: ids, for fetch-sample.
    """

    name: CommandName
    id: str
    camera_id: str = ""
    expires_ns: int | None = None
    on: bool | None = None
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fumble:
    """A message that is no command.

    Attributes:
        id: as far as it could be read; else empty.
        why: for people; printable.
    """

    fault: Fault
    why: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One message on a command topic.

    Attributes:
        name: of the command, or `UNKNOWN`.
        expiry_s: what is left of its MQTT 5 Message Expiry; None without.
    """

    name: str
    body: Command | Fumble
    reply: Reply
    expiry_s: int | None = None


def read_request(topics: Topics, topic: str, payload: bytes, envelope: Envelope) -> Request:
    """Return what came on a command topic, whatever it is.

    Raises:
        WireError: `topic` is none of this device's command topics.
    """
    name = topic.removeprefix(f"{topics.root}/cmd/")
    if name == topic or "/" in name:
        raise WireError(f"no command topic of this device: {topic[:200]!r}")
    try:
        reply = reply_for(topics, name, envelope, MOST_CORRELATION_BYTES)
        body = _read(name, payload, envelope)
    except WireError as error:
        reply = reply_for(topics, name, Envelope(), 0)
        body = Fumble("malformed", _printable(str(error)), _id_of(payload))
    return Request(name if name in COMMANDS else UNKNOWN, body, reply, envelope.expiry_s)


def command_message(topics: Topics, command: Command, envelope: Envelope) -> Message:
    """Return the message that gives a command to one device."""
    expires = None if command.expires_ns is None else rfc3339(command.expires_ns)
    data = CommandData(
        id=command.id,
        expires=expires,
        camera=command.camera_id or None,
        on=command.on,
        samples=command.samples,
    )
    return Message(
        topics.command(command.name),
        encode(data),
        content_type=JSON,
        expiry_s=envelope.expiry_s,
        response_topic=envelope.response_topic,
        correlation=envelope.correlation,
    )


def _read(name: str, payload: bytes, envelope: Envelope) -> Command | Fumble:
    if envelope.retained:
        return Fumble("retained", "commands are never retained", _id_of(payload))
    if name not in COMMANDS:
        why = f"there is no command {name[:64]!r}; there are {', '.join(COMMANDS)}"
        return Fumble("unknown", _printable(why), _id_of(payload))
    if len(payload) > LIMIT_BYTES:
        return Fumble("oversized", f"{len(payload)} bytes, at most {LIMIT_BYTES} are taken")
    return _command(COMMANDS[name], payload, envelope)


def _command(name: CommandName, payload: bytes, envelope: Envelope) -> Command:
    data = decode(payload, CommandData, limit_bytes=LIMIT_BYTES)
    if data.camera is not None and name != "capture-now":
        raise WireError(f"{name} is for the whole device and takes no camera")
    if (data.on is None) is (name == "metered"):
        raise WireError('metered needs "on", true or false; no other command takes it')
    if bool(data.samples) != (name == "fetch-sample"):
        raise WireError("fetch-sample, and nothing else, takes ids in `samples`, at least one")
    if data.expires is None and envelope.expiry_s is None:
        raise WireError(
            "it never expires",
            cure="give it `expires`, or, where both ends speak MQTT 5, a Message Expiry",
        )
    expires_ns = None if data.expires is None else nanoseconds(data.expires)
    return Command(name, data.id, data.camera or "", expires_ns, data.on, data.samples)


def _id_of(payload: bytes) -> str:
    with suppress(WireError):
        return decode(payload, _Named, limit_bytes=LIMIT_BYTES).id
    return ""


def _printable(why: str) -> str:
    return "".join(c if c.isprintable() else " " for c in why)
