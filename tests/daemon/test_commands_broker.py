"""Commands over a real mosquitto, given by an independent client (aiomqtt), on 5 and on 3.1.1."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from brokers import Broker
from commanded_device import Asker, Device, Given, running
from gleancam.captures import Capture
from gleancam.spool.queue import Spool
from gleancam.wire.schemas import load_schema
from gleancam.wire.times import rfc3339
from mqtt_rig import TOPICS, Peer, peer, settings
from parcels import made_parcel
from waiting import wait_until

HOUR_NS = 3600 * 10**9


pytestmark = pytest.mark.usefixtures("clock_is_set")


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool.open(tmp_path / "spool.db", 10**9, 0)
    yield spool
    spool.close()


@pytest.fixture
def device(spool: Spool, broker: Broker, protocol: str) -> Iterator[Device]:
    with running(Device(spool, settings(broker.port, protocol=protocol))) as device:
        yield device


@pytest.fixture
def asker(broker: Broker, protocol: str) -> Asker:
    return Asker(broker.port, protocol)


def command(command_id: str = "c-1", ahead_ns: int = HOUR_NS // 60, **fields: object) -> bytes:
    expires = rfc3339(time.time_ns() + ahead_ns)
    return json.dumps({"id": command_id, "expires": expires, **fields}).encode()


def assert_untouched(device: Device) -> None:
    assert device.captures.take() == []
    assert not device.pause.on


def test_capture_now_asks_every_camera_once(device: Device, asker: Asker) -> None:
    given = Given("capture-now", command())
    first, second = asker.ask(given, given)
    assert (first["command"], first["id"], first["outcome"]) == ("capture-now", "c-1", "done")
    assert (second["outcome"], second["first"]) == ("replayed", "done")
    assert first["topic"] == TOPICS.command_result("capture-now")
    wanted = [Capture("front", "command-c-1"), Capture("yard", "command-c-1")]
    assert device.captures.take() == wanted
    for answer in (first, second):
        Draft202012Validator(load_schema("command-result")).validate(
            {key: answer[key] for key in ("command", "id", "outcome", "why", "first", "ts")}
        )


def test_capture_now_of_one_camera(device: Device, asker: Asker) -> None:
    one, none = asker.ask(
        Given("capture-now", command("a", camera="yard")),
        Given("capture-now", command("b", camera="roof")),
    )
    assert (one["outcome"], none["outcome"]) == ("done", "refused")
    assert device.captures.take() == [Capture("yard", "command-a")]


def test_pause_and_resume_show_in_the_status(device: Device, asker: Asker, broker: Broker) -> None:
    with peer(broker.port, "watcher") as watcher:
        watcher.subscribe(TOPICS.status)
        assert status(watcher) == ("ready", False)
        paused, refused = asker.ask(
            Given("pause", command("a")), Given("capture-now", command("b"))
        )
        assert (paused["outcome"], refused["outcome"]) == ("done", "refused")
        assert device.pause.on
        assert status(watcher) == ("ready", True)
        assert asker.ask(Given("resume", command("c")))[0]["outcome"] == "done"
        assert status(watcher) == ("ready", False)
        assert_untouched(device)


def status(watcher: Peer) -> tuple[str, bool]:
    said = json.loads(watcher.get().payload)
    return said["state"], said["paused"]


def test_rebirth_says_everything_again(device: Device, asker: Asker, broker: Broker) -> None:
    topics = {TOPICS.status, TOPICS.camera_status("front"), TOPICS.camera_status("yard")}
    with peer(broker.port, "watcher") as watcher:
        watcher.subscribe(TOPICS.status)
        watcher.subscribe(f"{TOPICS.root}/cam/+/status")
        assert {watcher.get().topic for _ in topics} == topics
        assert asker.ask(Given("rebirth", command()))[0]["outcome"] == "done"
        again = [watcher.get() for _ in topics]
        assert {message.topic for message in again} == topics
        assert not any(message.retain for message in again), "said just now"
    assert_untouched(device)


def test_flush_makes_due_what_was_delayed(device: Device, asker: Asker) -> None:
    spool, now_ns = device.spool, time.monotonic_ns()
    spool.add(made_parcel(1))
    claimed = spool.claim(1, now_ns)
    spool.delay((claimed[0].parcel.parcel_id,), now_ns, HOUR_NS)
    assert spool.claim(1, time.monotonic_ns()) == []
    assert asker.ask(Given("flush", command()))[0]["outcome"] == "done"

    def due() -> bool:
        return len(spool.claim(1, time.monotonic_ns())) == 1

    wait_until(due)


BAD = {
    "malformed": ("pause", b"on", "malformed"),
    "empty": ("pause", b"", "malformed"),
    "no id": ("pause", b'{"expires": "2026-01-01T00:00:00.000000000Z"}', "malformed"),
    "never expires": ("pause", b'{"id": "a"}', "malformed"),
    "expired": ("pause", command("a", ahead_ns=-1), "expired"),
    "next month": ("pause", command("a", ahead_ns=700 * HOUR_NS), "malformed"),
    "oversized": ("pause", command("a", filler="x" * 5000), "oversized"),
    "huge": ("pause", command("a", filler="x" * 300_000), "oversized"),
    "nested": ("pause", b'{"id":' + b"[" * 4000, "malformed"),
    "unknown": ("reboot", command("a"), "unknown"),
    "shouted": ("PAUSE", command("a"), "unknown"),
    "another's camera": ("pause", command("a", camera="front"), "malformed"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_changes_nothing_and_is_counted_and_answered(
    device: Device, asker: Asker, case: str
) -> None:
    name, payload, outcome = BAD[case]
    answer = asker.ask(Given(name, payload))[0]
    known = "pause" if name == "pause" else "unknown"
    assert (answer["outcome"], answer["command"]) == (outcome, known)
    assert answer["why"]
    assert device.count(known, outcome) == device.counted() == 1
    assert_untouched(device)


def test_a_replay_changes_nothing(device: Device, asker: Asker) -> None:
    pause = Given("pause", command("a"))
    asker.ask(pause, Given("resume", command("b")))
    answer = asker.ask(pause)[0]
    assert (answer["outcome"], answer["first"]) == ("replayed", "done")
    assert_untouched(device)
    assert device.count("pause", "replayed") == 1


def test_the_same_id_under_another_name_is_a_replay(device: Device, asker: Asker) -> None:
    answers = asker.ask(Given("resume", command("a")), Given("pause", command("a")))
    assert [answer["outcome"] for answer in answers] == ["done", "replayed"]
    assert_untouched(device)


def test_a_retained_command_is_refused_at_every_start(
    spool: Spool, broker: Broker, protocol: str, asker: Asker
) -> None:
    asker.say(Given("pause", command("a"), retain=True))
    with peer(broker.port, "watcher") as watcher:
        watcher.subscribe(TOPICS.command_result("pause"))
        with running(Device(spool, settings(broker.port, protocol=protocol))) as device:
            answer = json.loads(watcher.get().payload)
            assert (answer["outcome"], answer["id"]) == ("retained", "a")
            assert device.count("pause", "retained") == device.counted() == 1
            assert_untouched(device)


@pytest.mark.parametrize("protocol", ["5"], indirect=True)
def test_over_5_a_command_that_is_being_retained_is_refused(device: Device, asker: Asker) -> None:
    answer = asker.ask(Given("pause", command("a"), retain=True))[0]
    assert answer["outcome"] == "retained"
    assert_untouched(device)


def test_another_device_takes_no_notice(device: Device, broker: Broker, protocol: str) -> None:
    for root in (
        "gleancam/v1/depot/gate-2",
        "gleancam/v1/harbour/gate-1",
        "gleancam/v2/depot/gate-1",
        "other/v1/depot/gate-1",
    ):
        Asker(broker.port, protocol, root).say(Given("pause", command()))
    own = Asker(broker.port, protocol).ask(Given("rebirth", command("last")))
    assert own[0]["outcome"] == "done"
    assert device.counted() == 1, "whatever came before it on this connection is long read"
    assert_untouched(device)


@pytest.mark.parametrize("protocol", ["5"], indirect=True)
def test_mqtt_5_properties_are_used_and_checked(device: Device, asker: Asker) -> None:
    bare = json.dumps({"id": "a"}).encode()
    mine = TOPICS.command_result("pause", "me")
    good, forged, long = asker.ask(
        Given("pause", bare, 60, mine, b"\x00\xff"),
        Given("resume", b'{"id": "b"}', 60, TOPICS.status, b"n"),
        Given("pause", b'{"id": "d"}', 60, "", b"x" * 1000),
    )
    assert (good["outcome"], good["topic"], good["correlation"]) == ("done", mine, b"\x00\xff")
    assert 0 < good["expiry_s"] <= 3600
    assert forged["topic"] == TOPICS.command_result("resume")
    assert forged["correlation"] == b"n"
    assert (long["outcome"], long["correlation"]) == ("malformed", b"")
    assert_untouched(device)


def test_a_flood_of_nonsense_hurts_nobody(device: Device, asker: Asker) -> None:
    for _ in range(3):
        asker.say(Given("pause", b"?"))
    with_flood = [Given("pause", b"?" * 2000) for _ in range(20)]
    answers: list[Any] = asker.ask(with_flood[0], *with_flood[1:])
    assert {answer["outcome"] for answer in answers} == {"malformed"}
    # Answers to the first three may be among the twenty: the last may still be under way.
    wait_until(lambda: device.counted() == 23)
    assert_untouched(device)


def test_commands_wait_at_the_broker_while_the_device_is_away(
    spool: Spool, broker: Broker, protocol: str, asker: Asker
) -> None:
    with running(Device(spool, settings(broker.port, protocol=protocol))) as device:
        asker.ask(Given("rebirth", command("subscribed")))
    asker.say(Given("pause", command("late", ahead_ns=1)))
    asker.say(Given("capture-now", command("fresh")))
    with running(Device(spool, settings(broker.port, protocol=protocol))) as device:
        wait_until(lambda: device.counted() == 2)
        assert device.count("pause", "expired") == 1
        assert not device.pause.on
        assert len(device.captures.take()) == 2
