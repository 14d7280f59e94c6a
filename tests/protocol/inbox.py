"""What consumers publish, read by the device's real `Inbox`."""

from __future__ import annotations

import functools

from gleancam.sinks.base import SinkEvent
from gleancam.sinks.inbox import Inbox
from gleancam.wire.ack import Rejection, ack_message
from gleancam.wire.message import Message
from gleancam.wire.presence import presence_message
from protocol.parcels_sent import TOPICS, name
from protocol.world import Verdict

NOBODYS = 99
"""A parcel that no device ever had."""


@functools.cache
def answer_event(parcel: int, verdict: Verdict) -> SinkEvent:
    """Return what the device's sink makes of an acknowledgement."""
    rejected = (Rejection(name(parcel), "no"),)
    message = (
        ack_message(TOPICS, (name(parcel),))
        if verdict == "ack"
        else ack_message(TOPICS, (), rejected)
    )
    return _only(Inbox(TOPICS), message)


@functools.cache
def presence_event(*, online: bool) -> SinkEvent:
    """Return what the sink makes of a consumer that comes or goes."""
    inbox = Inbox(TOPICS)
    if not online:
        _only(inbox, _presence(online=True))
    return _only(inbox, _presence(online=online))


def _presence(*, online: bool) -> Message:
    return presence_message("gleancam", "site", "folder", online=online, ts_ns=0)


def _only(inbox: Inbox, message: Message) -> SinkEvent:
    (event,) = inbox.read(message.topic, message.payload)
    return event
