"""What arrives on a command topic: a command, or why it is none, and where to say so."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gleancam.wire.address import parse_topic
from gleancam.wire.command import (
    COMMANDS,
    LIMIT_BYTES,
    MOST_CORRELATION_BYTES,
    MOST_SAMPLES,
    UNKNOWN,
    Command,
    CommandName,
    Fumble,
    Request,
    command_message,
    read_request,
)
from gleancam.wire.command_result import Verdict, parse_result, result_message
from gleancam.wire.envelope import Envelope
from gleancam.wire.error import WireError
from gleancam.wire.reply import Reply
from made_samples import TOPICS

SOON = "2026-06-01T12:00:00.000000000Z"
MINUTE = Envelope(expiry_s=60)
PAUSE = TOPICS.command("pause")
ids = st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True)


def read(payload: bytes, envelope: Envelope = MINUTE, topic: str = PAUSE) -> Request:
    return read_request(TOPICS, topic, payload, envelope)


def fault(payload: bytes, envelope: Envelope = MINUTE, topic: str = PAUSE) -> str:
    body = read(payload, envelope, topic).body
    assert isinstance(body, Fumble), body
    assert body.why.isprintable()
    return body.fault


@given(
    st.sampled_from(sorted(COMMANDS)),
    ids,
    st.none() | st.integers(0, 2 * 10**18),
    ids,
)
def test_every_command_comes_back(
    name: CommandName, command_id: str, expires_ns: int | None, camera: str
) -> None:
    camera_id = camera if name == "capture-now" else ""
    samples = (camera, "another") if name == "fetch-sample" else ()
    on = bool(camera) if name == "metered" else None
    command = Command(name, command_id, camera_id, expires_ns, on, samples)
    mine = TOPICS.command_result(name, "me")
    envelope = Envelope(expiry_s=9, response_topic=mine, correlation=b"\x00c")
    message = command_message(TOPICS, command, envelope)
    assert not message.retain
    assert (message.expiry_s, message.response_topic) == (9, mine)
    request = read_request(TOPICS, message.topic, message.payload, envelope)
    assert request == Request(name, command, Reply(mine, b"\x00c"), expiry_s=9)


@settings(max_examples=1000, deadline=None)
@given(
    st.sampled_from(["pause", "capture-now", "fetch-sample", "PAUSE", "", "x", "a+b", "a\n", "é"])
    | st.text(),
    st.binary(max_size=300)
    | st.dictionaries(
        st.sampled_from(["id", "expires", "camera", "samples", "later"]),
        st.lists(ids)
        | st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=70)
        | ids
        | st.just(SOON),
    ).map(lambda document: json.dumps(document).encode()),
    st.builds(
        Envelope,
        st.booleans(),
        st.none() | st.integers(0, 2**32 - 1),
        st.text() | st.sampled_from([PAUSE, TOPICS.status, f"{PAUSE}/result/a"]),
        st.binary(max_size=300),
    ),
)
def test_whatever_comes_is_answered_below_the_command_itself(
    name: str, payload: bytes, envelope: Envelope
) -> None:
    topic = f"{TOPICS.root}/cmd/{name}"
    if "/" in name:
        with pytest.raises(WireError):
            read(payload, envelope, topic)
        return
    request = read(payload, envelope, topic)
    address = parse_topic(request.reply.topic)
    assert (address.topics, address.kind) == (TOPICS, "command_result")
    assert address.command in {name, UNKNOWN}
    assert len(request.reply.correlation) <= MOST_CORRELATION_BYTES
    assert request.name in {*COMMANDS, UNKNOWN}
    if isinstance(request.body, Command):
        assert not envelope.retained
        assert request.body.expires_ns is not None or envelope.expiry_s is not None


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"on",
        b"{}",
        b"[]",
        b"\xff",
        b'{"id": ""}',
        b'{"id": "A"}',
        b'{"id": "a\\n"}',
        b'{"id": 1}',
        b'{"id": "a", "expires": "tomorrow"}',
        b'{"id": "a", "expires": "2026-02-31T12:00:00.000000000Z"}',
        b'{"id": "a", "camera": "front"}',
        b'{"id": "a", "samples": ["b"]}',
        b'{"id":' * 600,
    ],
)
def test_malformed(payload: bytes) -> None:
    assert fault(payload) == "malformed"


def test_the_other_faults() -> None:
    good = b'{"id": "a"}'
    assert fault(good, Envelope()) == "malformed", "it never expires"
    assert fault(good, Envelope(expiry_s=1, correlation=b"x" * 257)) == "malformed"
    assert fault(good, Envelope(retained=True, expiry_s=1)) == "retained"
    assert fault(good, topic=TOPICS.command("reboot")) == "unknown"
    assert fault(good + b" " * LIMIT_BYTES) == "oversized"
    assert fault(b"[" * (LIMIT_BYTES + 1)) == "oversized"
    assert isinstance(read(good + b" " * (LIMIT_BYTES - len(good))).body, Command)


def test_an_answer_names_what_could_be_read() -> None:
    for envelope, topic in (
        (Envelope(retained=True), PAUSE),
        (MINUTE, TOPICS.command("reboot")),
        (Envelope(), PAUSE),
    ):
        assert read(b'{"id": "a", "camera": 3}', envelope, topic).body.id == "a"
    assert read(b"?").body.id == ""


@pytest.mark.parametrize(
    "wish",
    [
        TOPICS.status,
        TOPICS.command("pause"),
        TOPICS.command("resume"),
        TOPICS.command_result("resume"),
        TOPICS.sample("front"),
        TOPICS.command_result("pause") + "/",
        TOPICS.command_result("pause") + "/a/b",
        TOPICS.command_result("pause") + "/#",
        TOPICS.command_result("pause") + "/a\n",
        TOPICS.command_result("pause") + "/../../status",
        "gleancam/v1/other/gate-1/cmd/pause/result",
        "$SYS/broker",
        "#",
    ],
)
def test_nobody_makes_a_device_publish_elsewhere(wish: str) -> None:
    request = read(b'{"id": "a"}', Envelope(expiry_s=1, response_topic=wish, correlation=b"c"))
    assert request.reply == Reply(TOPICS.command_result("pause"), b"c")


@pytest.mark.parametrize("topic", [TOPICS.ack, f"{PAUSE}/result", "x", ""])
def test_topics_that_give_no_command(topic: str) -> None:
    with pytest.raises(WireError):
        read(b'{"id": "a"}', topic=topic)


def test_another_device_is_not_obeyed() -> None:
    with pytest.raises(WireError):
        read(b'{"id": "a"}', topic="gleancam/v1/depot/gate-2/cmd/pause")


def test_an_answer_comes_back_and_expires() -> None:
    verdict = Verdict("replayed", "w" * 999, "done")
    message = result_message(Reply(PAUSE + "/result", b"c"), "pause", "", verdict, 10**18)
    assert (message.retain, message.correlation) == (False, b"c")
    assert message.expiry_s == 3600
    data = parse_result(message.payload)
    assert (data.outcome, data.first, data.id, data.why) == ("replayed", "done", None, "w" * 200)


METERED = TOPICS.command("metered")


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (METERED, b'{"id": "a"}'),
        (METERED, b'{"id": "a", "on": null}'),
        (METERED, b'{"id": "a", "on": 1}'),
        (METERED, b'{"id": "a", "on": "true"}'),
        (PAUSE, b'{"id": "a", "on": true}'),
    ],
)
def test_metered_alone_is_a_switch(topic: str, payload: bytes) -> None:
    assert fault(payload, topic=topic) == "malformed"


FETCH = TOPICS.command("fetch-sample")


def test_samples_are_asked_for_by_id_and_not_too_many() -> None:
    most = [f"sample-{number}" for number in range(MOST_SAMPLES)]
    document = {"id": "a", "samples": most}
    command = read(json.dumps(document).encode(), topic=FETCH).body
    assert command == Command("fetch-sample", "a", samples=tuple(most))
    for wrong in ([], [*most, "more"], ["../a"], "sample-1", None):
        assert fault(json.dumps({"id": "a", "samples": wrong}).encode(), topic=FETCH) == "malformed"
    longest = {"id": "a" * 64, "samples": ["b" * 64] * MOST_SAMPLES}
    assert len(json.dumps(longest)) < LIMIT_BYTES
