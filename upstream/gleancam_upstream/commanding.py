"""Gives one command to one device and waits for the answer."""

from __future__ import annotations

from contextlib import closing

from gleancam.wire.command import Command, command_message
from gleancam.wire.command_result import CommandResultData, parse_result
from gleancam.wire.envelope import Envelope
from gleancam.wire.error import WireError
from gleancam.wire.topics import Topics
from gleancam_upstream.broker import Broker
from gleancam_upstream.listening import heard
from gleancam_upstream.received import Received


def give(
    broker: Broker, topics: Topics, command: Command, *, expires_s: int, wait_s: float
) -> CommandResultData | None:
    """Give a command; return the answer, or None when none came within `wait_s`.

    A command given again because the link broke has its effect once: the device knows its id, and
    the answer then is `replayed`, with what it came to at `first`.

    Args:
        broker: where.
        topics: of the device.
        command: what; its own `expires_ns` is left as it is.
        expires_s: the Message Expiry, over MQTT 5.
        wait_s: for connection and answer together.

    Raises:
        NoBrokerError: there was no connection within `wait_s`.
        BrokerRefusedError: the broker does not let us in, or not subscribe.
        CredentialsError: a file of `broker` cannot be used.
    """
    said = command_message(topics, command, Envelope(expiry_s=expires_s))
    topic = topics.command_result(command.name)
    with closing(
        heard(broker, f"gleancam-command-{command.id}", topic, said, wait_s=wait_s)
    ) as came:
        for received in came:
            if (answer := _answer(received, command)) is not None:
                return answer
    return None


def was_done(answer: CommandResultData | None) -> bool:
    """Whether a command had its effect, now or when it first came."""
    return answer is not None and "done" in {answer.outcome, answer.first}


def _answer(received: Received, command: Command) -> CommandResultData | None:
    """Read an answer; None when it is somebody else's."""
    try:
        answer = parse_result(received.payload)
    except WireError:
        return None  # whoever may write there may write nonsense
    return answer if answer.id == command.id else None
