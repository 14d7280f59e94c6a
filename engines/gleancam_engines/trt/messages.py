"""What a process that builds and the one that asked it say to each other, over two pipes."""

from __future__ import annotations

from typing import BinaryIO, TypeAlias

import msgspec

from gleancam_engines.errors import (
    BackendUnavailableError,
    CompileError,
    CompileMemoryError,
    EngineError,
    ModelFileError,
)
from gleancam_engines.trt.key import PlanKey

_LENGTH_BYTES = 8

FAILURES: dict[str, type[EngineError]] = {
    kind.__name__: kind
    for kind in (BackendUnavailableError, CompileError, CompileMemoryError, ModelFileError)
}
"""The errors of a build, by the names they travel under."""


class Order(msgspec.Struct, frozen=True, tag=True):
    """What is to be built; the arguments of `build.build_plan`."""

    content: bytes
    key: PlanKey
    name: str
    timing: bytes


class Told(msgspec.Struct, frozen=True, tag=True):
    """How far it is."""

    what: str
    done: int
    total: int | None


class Logged(msgspec.Struct, frozen=True, tag=True):
    """A line for the log."""

    level: int
    text: str


class Failed(msgspec.Struct, frozen=True, tag=True):
    """It cannot be built; `kind` is one of `FAILURES`."""

    kind: str
    text: str


class Made(msgspec.Struct, frozen=True, tag=True):
    """It is built; see `build.Built`."""

    plan: bytes
    timing: bytes


Message: TypeAlias = Order | Told | Logged | Failed | Made


_DECODER: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def send(pipe: BinaryIO, message: Message) -> None:
    """Write a message.

    Raises:
        BrokenPipeError: nobody reads any more.
    """
    content = msgspec.msgpack.encode(message)
    pipe.write(len(content).to_bytes(_LENGTH_BYTES, "big") + content)
    pipe.flush()


def receive(pipe: BinaryIO) -> Message | None:
    """Read a message; None when the other side has ended, in the middle of one or not."""
    size = pipe.read(_LENGTH_BYTES)
    content = pipe.read(int.from_bytes(size, "big"))
    if len(size) < _LENGTH_BYTES or len(content) < int.from_bytes(size, "big"):
        return None
    return _DECODER.decode(content)
