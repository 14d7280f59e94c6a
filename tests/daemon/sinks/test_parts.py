"""The parts of the MQTT sink that need no broker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gleancam.errors import SinkError
from gleancam.sinks._paho_client import QuickClient
from gleancam.sinks.base import Accepted, Limits, Presence, Refused, SinkEvent
from gleancam.sinks.consumers import MOST_CONSUMERS, Consumers
from gleancam.sinks.inbox import Inbox
from gleancam.sinks.mqtt_session import MOST_UNANSWERED, MOST_WAITING, Session
from gleancam.sinks.packed_properties import packed_properties
from gleancam.sinks.packet_size import publish_bytes
from gleancam.sinks.puback import Verdict, judge
from gleancam.wire.error import WireError
from gleancam.wire.message import Message
from made_samples import TOPICS

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0#+"), min_size=1, max_size=40)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=4).map(tuple)


class Recorder:
    """Stands where the socket would: paho's packets by their length."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []

    def send(self, data: bytes) -> int:
        self.packets.append(bytes(data))
        return len(data)

    def close(self) -> None:
        pass


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300) | st.sampled_from([bytes(16_000), bytes(130), bytes(2_100_000)]),
    TEXT,
    TEXT | st.just(""),
    PAIRS,
    st.booleans(),
    st.booleans(),
)
def test_a_packet_is_the_one_that_paho_makes(
    payload: bytes,
    topic: str,
    content_type: str,
    pairs: tuple[tuple[str, str], ...],
    retain: bool,  # noqa: FBT001 - hypothesis passes it
    mqtt5: bool,  # noqa: FBT001
) -> None:
    message = Message(
        topic,
        payload,
        retain=retain,
        content_type=content_type,
        user_properties=pairs,
        expiry_s=len(pairs) or None,
        response_topic=content_type,
        correlation=payload[:9],
    )
    version = MQTTProtocolVersion.MQTTv5 if mqtt5 else MQTTProtocolVersion.MQTTv311
    theirs = Client(CallbackAPIVersion.VERSION2, protocol=version)
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.unpack(packed_properties(message))  # type: ignore[no-untyped-call]
    ours = QuickClient(CallbackAPIVersion.VERSION2, protocol=version, on_answer=lambda *_: None)
    with recorded(theirs) as expected:
        theirs.publish(topic, payload, 1, retain, properties if mqtt5 else None)
    with recorded(ours) as packets:
        ours.publish_once(message)
    assert packets == expected
    assert sum(map(len, packets)) == publish_bytes(message, mqtt5=mqtt5)


@contextmanager
def recorded(client: Client) -> Iterator[list[bytes]]:
    recorder = Recorder()
    client._sock = recorder  # type: ignore[assignment]
    yield recorder.packets
    client._sock = None


PUBACKS = st.tuples(st.integers(1, 65535), st.integers(0, 255) | st.none(), st.binary(max_size=5))


@given(st.lists(PUBACKS, max_size=20), st.lists(st.integers(1, 40)), st.booleans())
def test_answers_arrive_in_whatever_pieces(
    answers: list[tuple[int, int | None, bytes]],
    cuts: list[int],
    mqtt5: bool,  # noqa: FBT001
) -> None:
    wire, expected = b"", []
    for packet_id, code, rest in answers:
        body = packet_id.to_bytes(2, "big")
        if mqtt5 and code is not None:
            body += bytes([code]) + rest
        wire += bytes([0x40, len(body)]) + body
        expected.append((packet_id, code if mqtt5 and code is not None else 0))
    found: list[tuple[int, int]] = []
    version = MQTTProtocolVersion.MQTTv5 if mqtt5 else MQTTProtocolVersion.MQTTv311
    client = QuickClient(
        CallbackAPIVersion.VERSION2, protocol=version, on_answer=lambda *one: found.append(one)
    )
    client._sock = Pieces(wire, cuts)  # type: ignore[assignment]
    while client._sock.left:  # type: ignore[union-attr]
        client.read()
    client._sock = None
    assert found == expected


class Pieces:
    """A socket that has some bytes at a time, and then none for a moment."""

    def __init__(self, wire: bytes, cuts: list[int]) -> None:
        self.left = wire
        self._cuts = [one for cut in cuts for one in (cut, 0)]

    def recv(self, most: int) -> bytes:
        size = self._cuts.pop(0) if self._cuts else most
        if size == 0 or not self.left:
            raise BlockingIOError
        taken, self.left = self.left[: min(size, most)], self.left[min(size, most) :]
        return taken

    def close(self) -> None:
        pass


@given(TEXT | st.just(""), PAIRS, st.binary(max_size=200), st.integers(0, 2**32 - 1) | st.none())
def test_properties_are_packed_as_paho_packs_them(
    text: str, pairs: tuple[tuple[str, str], ...], correlation: bytes, expiry_s: int | None
) -> None:
    message = Message(
        "topic",
        b"",
        content_type=text,
        user_properties=pairs,
        expiry_s=expiry_s,
        response_topic=text[::-1],
        correlation=correlation,
    )
    packed = packed_properties(message)
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    _, length = properties.unpack(packed)  # type: ignore[no-untyped-call]
    assert length == len(packed)
    assert properties.pack() == packed  # type: ignore[no-untyped-call]
    assert getattr(properties, "UserProperty", []) == list(pairs)
    assert getattr(properties, "ContentType", "") == text


@given(st.integers(1, 65535), st.integers(0, 40))
def test_the_window_holds_however_much_was_handed_over(maximum: int, parcels: int) -> None:
    session = Session(Limits(maximum, None), mqtt5=True, emit=lambda _: None)
    published: list[Message] = []

    def publish(message: Message) -> int:
        published.append(message)
        return len(published)

    for number in range(parcels):
        session.offer(str(number), (Message("a", b""), Message("b", b"")))
    session.flush(publish)
    window = min(maximum, MOST_UNANSWERED)
    assert len(published) == min(window, 2 * parcels)
    if published:
        session.answer(1, 0)
        session.flush(publish)
        assert len(published) == min(window + 1, 2 * parcels)


def test_reason_codes_are_judged_by_value() -> None:
    accepted = [code for code in range(256) if judge(code) is Verdict.ACCEPTED]
    assert accepted == [0]
    assert judge(0x10) is Verdict.LATER
    assert judge(0x87) is Verdict.LATER
    assert judge(0x95) is Verdict.TOO_LARGE
    assert judge(0x99) is Verdict.NEVER


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=50))
def test_any_consumer_is_enough(said: list[tuple[int, bool]]) -> None:
    consumers = Consumers()
    model: set[int] = set()
    for number, online in said:
        before = bool(model)
        (model.add if online else model.discard)(number)
        assert consumers.update(str(number), online=online) == (before != bool(model))
        assert consumers.any_online == bool(model)


def test_names_do_not_fill_the_memory() -> None:
    consumers = Consumers()
    for number in range(10 * MOST_CONSUMERS):
        consumers.update(str(number), online=True)
    assert len(consumers._online) == MOST_CONSUMERS


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["ids", "rejected", "id", "why", "online", "ts"]), inner)
    ),
    max_leaves=10,
)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(
        [TOPICS.ack, TOPICS.command("pause"), "gleancam/v1/depot/ingest/c/status", "x", ""]
    )
    | st.text(),
    st.binary(max_size=200) | JSONISH.map(lambda value: repr(value).replace("'", '"').encode()),
)
def test_whatever_comes_is_events_or_an_error(topic: str, payload: bytes) -> None:
    inbox = Inbox(TOPICS)
    try:
        events = inbox.read(topic, payload)
    except WireError:
        return
    assert all(not isinstance(event, Presence) or event.online for event in events)


def session(
    receive_maximum: int = 20, maximum: int | None = None
) -> tuple[Session, list[SinkEvent], list[Message]]:
    events: list[SinkEvent] = []
    made = Session(Limits(receive_maximum, maximum), mqtt5=True, emit=events.append)
    return made, events, []


def flush(made: Session, out: list[Message]) -> None:
    def publish(message: Message) -> int:
        out.append(message)
        return len(out)

    made.flush(publish)


PAIR = (Message("a/image", b"\xff\xd8", content_type="image/jpeg"), Message("a/sample", b"{}"))


def test_a_receive_maximum_of_one_still_passes_two_messages() -> None:
    made, events, out = session(receive_maximum=1)
    made.offer("one", PAIR)
    flush(made, out)
    assert out == [PAIR[0]]
    made.answer(1, 0)
    flush(made, out)
    assert out == list(PAIR)
    assert events == []
    made.answer(2, 0)
    assert events == [Accepted("one")]
    assert made.idle


@pytest.mark.parametrize("codes", [(0x10, 0), (0, 0x10), (0x10, 0x10), (0x87, 0x97)])
def test_one_refused_message_refuses_the_parcel_once(codes: tuple[int, int]) -> None:
    made, events, out = session()
    made.offer("one", PAIR)
    flush(made, out)
    for number, code in enumerate(codes, 1):
        made.answer(number, code)
    assert [type(event) for event in events] == [Refused]
    assert made.idle


def test_an_answer_to_nothing_is_passed_over() -> None:
    made, events, _ = session()
    made.answer(99, 0)
    assert events == []


def test_after_an_oversize_image_its_manifest_is_not_sent() -> None:
    made, events, out = session(maximum=100)
    large = Message("a/image", bytes(500), content_type="image/jpeg")
    made.offer("one", (large, PAIR[1]))
    flush(made, out)
    assert out == []
    assert [type(event) for event in events] == [Refused]
    assert made.idle


def test_a_session_takes_only_so_much() -> None:
    made, _, _ = session()
    for number in range(MOST_WAITING // 2):
        made.offer(str(number), PAIR)
    with pytest.raises(SinkError, match="full"):
        made.offer("more", PAIR)
