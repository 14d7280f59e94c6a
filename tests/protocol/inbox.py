"""What consumers and people publish, read by the device's real `Inbox`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Literal, TypeAlias

from gleancam.sinks.base import SinkEvent
from gleancam.sinks.consumers import Consumers
from gleancam.sinks.inbox import Inbox
from gleancam.wire.ack import Rejection, ack_message
from gleancam.wire.command import Command, command_message
from gleancam.wire.envelope import Envelope
from gleancam.wire.message import Message
from gleancam.wire.presence import presence_message
from protocol.numbering import name
from protocol.parcels_sent import TOPICS

Word: TypeAlias = Literal["ack", "reject", "fetch"]
"""What is said to the device of a parcel; `fetch` names the sample, not its picture."""
There: TypeAlias = "tuple[str, ...]"
"""The consumers of which the session knows that they are online."""
Watch: TypeAlias = Callable[[], Consumers]
"""The real class, or one with a defect."""

_IN_TIME = Envelope(expiry_s=60)


@functools.cache
def word_event(parcel: int, word: Word) -> SinkEvent:
    """Return what the device's sink makes of an acknowledgement, or of a command."""
    message = _message(name(parcel), word)
    (event,) = Inbox(TOPICS).read(message.topic, message.payload, _IN_TIME)
    return event


@functools.cache
def presence_heard(
    there: There, consumer: int, *, online: bool, kind: Watch
) -> tuple[There, tuple[SinkEvent, ...]]:
    """Return who is there after a consumer's presence was read, and what the sink makes of it."""
    inbox = Inbox(TOPICS)
    inbox._consumers = kind()
    inbox._consumers._online.update(there)
    who = f"consumer-{consumer}"
    message = presence_message("gleancam", "site", who, online=online, ts_ns=0)
    events = inbox.read(message.topic, message.payload)
    return tuple(sorted(inbox._consumers._online)), events


def _message(parcel_id: str, word: Word) -> Message:
    if word == "fetch":
        command = Command("fetch-sample", "once", samples=(parcel_id,))
        return command_message(TOPICS, command, _IN_TIME)
    if word == "ack":
        return ack_message(TOPICS, (parcel_id,))
    return ack_message(TOPICS, (), (Rejection(parcel_id, "no"),))
