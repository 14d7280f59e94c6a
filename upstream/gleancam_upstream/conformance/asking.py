"""Gives a device commands, and finds the answers."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from gleancam.wire.command import Command, CommandName, command_message
from gleancam.wire.command_result import CommandResultData, parse_result
from gleancam.wire.envelope import Envelope
from gleancam.wire.error import WireError
from gleancam.wire.message import Message
from gleancam.wire.topics import Topics
from gleancam_upstream.conformance.device_log import DeviceLog

EXPIRY_S = 60


@dataclass(frozen=True)
class Asked:
    """A command that was given.

    Attributes:
        place: how much had been heard before.
    """

    message: Message
    id: str
    place: int

    def answer(self, log: DeviceLog) -> tuple[CommandResultData, bytes] | None:
        """Return the answer and its Correlation Data; None while there is none."""
        for result, correlation in results(log, self.place):
            if result.id == self.id:
                return result, correlation
        return None


def results(log: DeviceLog, since: int) -> Iterator[tuple[CommandResultData, bytes]]:
    """Yield answers that are some, with their Correlation Data; D-05 tells of the others."""
    for heard in log.all("command_result", since=since):
        with suppress(WireError):
            yield parse_result(heard.message.payload), heard.message.correlation


def asked(topics: Topics, name: CommandName, log: DeviceLog) -> Asked:
    """Make a command of its own, which expires after a minute."""
    command_id = f"conformance-{uuid.uuid4().hex}"
    command = Command(name, command_id, expires_ns=time.time_ns() + EXPIRY_S * 10**9)
    envelope = Envelope(
        expiry_s=EXPIRY_S,
        response_topic=topics.command_result(name, "conformance"),
        correlation=command_id.encode(),
    )
    return Asked(command_message(topics, command, envelope), command_id, len(log.heard))


def nonsense(topics: Topics) -> Message:
    """Return a message on a command's topic that is no command."""
    return Message(topics.command("rebirth"), b'{"id": ', expiry_s=EXPIRY_S)


def malformed_answer(log: DeviceLog, since: int) -> bool:
    """Whether something was answered with `malformed`."""
    return any(result.outcome == "malformed" for result, _ in results(log, since))
