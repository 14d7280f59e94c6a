"""Whole conversations: what a consumer hears from devices, and a device from consumers."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st

from fuzz import seeds
from fuzz.mutations import payloads
from fuzz.strange_text import properties, topics
from gleancam.sinks.inbox import Inbox
from gleancam.wire.error import WireError
from gleancam_upstream.arrivals import (
    EventArrived,
    Invalid,
    PictureArrived,
    SampleArrived,
    StatusArrived,
)
from gleancam_upstream.counts import Counts
from gleancam_upstream.intake import Intake
from gleancam_upstream.lines import EventLine, event_line, index_line
from gleancam_upstream.oldest_go import OVERHEAD_BYTES
from gleancam_upstream.reassembly import IMAGES_BYTES, MANIFESTS_BYTES
from gleancam_upstream.received import Received
from gleancam_upstream.seen import SeenIds
from made_samples import TOPICS

_VALID = st.sampled_from(
    [
        Received(one.topic, one.payload, one.user_properties, 1)
        for one in (seeds.IMAGE, seeds.MANIFEST, seeds.EVENT_MESSAGE)
    ]
)
_from_devices = payloads(
    [
        *(seeds.SAMPLE, seeds.EVENT_DATA, seeds.STATUS, seeds.INFO, seeds.CAMERA_STATUS),
        *seeds.STRUCTURED,
    ]
)
_to_devices = payloads([seeds.ACK, seeds.PRESENCE])
to_consumer = st.lists(
    _VALID | st.builds(Received, topics, _from_devices, properties, st.just(1)), max_size=4
)
_heard = st.sampled_from([TOPICS.ack, seeds.PRESENCE_MESSAGE.topic])
to_device = st.lists(st.tuples(_heard | topics, _to_devices), max_size=3)


class RefusedError(Exception):
    """At least one message of a conversation was."""


class Consumer:
    """One for all inputs, so that what it keeps shows whether its memory is bounded."""

    def __init__(self) -> None:
        self.intake = Intake(SeenIds(), Counts())

    def hear(self, conversation: list[Received]) -> None:
        arrivals = [one for message in conversation for one in self.intake.take(message)]
        for arrival in arrivals:
            if isinstance(arrival, SampleArrived | PictureArrived | EventArrived):
                self.intake.answered(arrival.parcel_id)
            if isinstance(arrival, EventArrived | StatusArrived):
                line = msgspec.json.encode(event_line(arrival))
                assert b"\n" not in line
                msgspec.json.decode(line.decode(), type=EventLine)
            if isinstance(arrival, SampleArrived):
                msgspec.json.encode(index_line(arrival, 1))
        images, manifests = self.intake._reassembly.waiting
        assert images <= IMAGES_BYTES // OVERHEAD_BYTES
        assert manifests <= MANIFESTS_BYTES // OVERHEAD_BYTES
        if any(isinstance(one, Invalid) for one in arrivals):
            raise RefusedError


class Device:
    """As `Consumer`: one inbox for all."""

    def __init__(self) -> None:
        self.inbox = Inbox(TOPICS)

    def hear(self, conversation: list[tuple[str, bytes]]) -> None:
        taken = [self._read(topic, payload) for topic, payload in conversation]
        if not all(taken):
            raise RefusedError

    def _read(self, topic: str, payload: bytes) -> bool:
        try:
            self.inbox.read(topic, payload)
        except WireError:
            return False
        return True
