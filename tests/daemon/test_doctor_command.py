"""The command doctor: over a real broker, one at a time, bounded, and without a secret."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from brokers import Broker
from commanded_device import Asker, Device, Given, running
from gleancam.config.keys import Config, Mqtt, RtspCamera
from gleancam.doctor.finding import Finding, Level, fail, ok
from gleancam.doctor.remote import CHECKS, Check, discreet, look
from gleancam.parts.examiner import Examiner
from gleancam.spool.queue import Spool
from gleancam.wire.command import Command
from gleancam.wire.command_result import LIMIT_BYTES, Verdict, parse_result, result_message
from gleancam.wire.finding import MOST_FINDINGS, FindingData, FindingLevel, bounded
from gleancam.wire.reply import Reply
from gleancam.wire.schemas import load_schema
from gleancam.wire.times import rfc3339
from mqtt_rig import TOPICS, settings
from waiting import wait_until

pytestmark = pytest.mark.usefixtures("clock_is_set")


@pytest.fixture
def device(tmp_path: Path, broker: Broker, protocol: str) -> Iterator[Device]:
    spool = Spool.open(tmp_path / "spool.db", 10**9, 0)
    yield Device(spool, settings(broker.port, protocol=protocol))
    spool.close()


@pytest.fixture
def asker(broker: Broker, protocol: str) -> Asker:
    return Asker(broker.port, protocol)


def doctor(command_id: str, ahead_s: float = 60) -> Given:
    expires = rfc3339(time.time_ns() + int(ahead_s * 1e9))
    return Given("doctor", json.dumps({"id": command_id, "expires": expires}).encode())


def with_checks(device: Device, checks: Mapping[str, Check], limit_s: float = 10) -> Device:
    """Return `device` with other examinations than the real ones."""
    device.examine_with(checks, limit_s)
    return device


def assert_of_the_contract(answer: dict[str, Any]) -> None:
    own = {key: value for key, value in answer.items() if key in load_schema_names()}
    Draft202012Validator(load_schema("command-result")).validate(own)


def load_schema_names() -> set[str]:
    return set(load_schema("command-result")["$defs"]["CommandResultData"]["properties"])


def test_the_real_examinations_are_told(device: Device, asker: Asker) -> None:
    with running(device):
        (answer,) = asker.ask(doctor("a"))
    assert (answer["outcome"], answer["left_off"]) == ("done", 0)
    assert {"python", "gstreamer", "clock", "disk"} <= {one["part"] for one in answer["findings"]}
    assert_of_the_contract(answer)


def test_replayed_and_expired_ones_look_at_nothing(device: Device, asker: Asker) -> None:
    made: list[int] = []

    def check(_config: Config) -> Iterator[Finding]:
        made.append(1)
        yield ok("disk", "well")

    with running(with_checks(device, {"disk": check})):
        (first,) = asker.ask(doctor("a"))
        replayed, expired = asker.ask(doctor("a"), doctor("b", ahead_s=-1))
    assert [one["what"] for one in first["findings"]] == ["well"]
    assert (replayed["outcome"], replayed["first"]) == ("replayed", "done")
    assert (expired["outcome"], replayed["findings"], expired["findings"]) == ("expired", [], [])
    assert made == [1]


def test_one_at_a_time_and_delivery_goes_on(device: Device, asker: Asker) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def check(_config: Config) -> Iterator[Finding]:
        begun.set()
        assert go_on.wait(30)
        yield ok("disk", "slow")

    with running(with_checks(device, {"disk": check})):
        asker.say(doctor("a"))
        assert begun.wait(20)
        second, again = asker.ask(doctor("b"), doctor("a"))
        (paused,) = asker.ask(Given("pause", doctor("c").payload))
        assert device.pause.on
        go_on.set()
        wait_until(lambda: device.count("doctor", "done") == 1)
        (third,) = asker.ask(doctor("d"))
    assert (second["outcome"], paused["outcome"], third["outcome"]) == ("refused", "done", "done")
    assert "at disk" in second["why"]
    assert (again["outcome"], again["first"]) == ("replayed", None)


def test_what_hangs_is_named_in_time_and_blocks_only_doctor(device: Device, asker: Asker) -> None:
    go_on = threading.Event()

    def hang(_config: Config) -> Iterator[Finding]:
        assert go_on.wait(30)
        yield ok("engine", "awake")

    checks: dict[str, Check] = {
        "disk": lambda _config: iter([ok("disk", "well")]),
        "engine": hang,
        "clock": lambda _config: iter([ok("clock", "never looked at")]),
    }
    with running(with_checks(device, checks, limit_s=0.5)):
        first, second = asker.ask(doctor("a"))[0], asker.ask(doctor("b"))[0]
        go_on.set()
    assert first["outcome"] == "done"
    assert [one["level"] for one in first["findings"]] == ["ok", "warn"]
    assert first["findings"][1]["what"].startswith("engine was not looked at in time")
    assert second["outcome"] == "refused"


def test_an_examination_that_breaks_is_a_finding() -> None:
    def broken(config: Config) -> Iterator[Finding]:
        if not config.cameras:
            raise PermissionError("no")
        yield ok("disk", "well")

    (finding,) = look("disk", broken, Config(site="s", device="d", cameras=()))
    assert (finding.level, finding.part) == (Level.FAIL, "disk")


def test_nothing_secret_is_told() -> None:
    camera = RtspCamera(id="a", url="rtsp://cam/1", credentials_file="/etc/gleancam/cam-secret")
    mqtt = Mqtt(host="b", username_file="/etc/gleancam/user", password_file="/etc/gleancam/word")  # noqa: S106
    config = Config(site="s", device="d", cameras=(camera,), mqtt=mqtt)
    told = discreet(
        fail(
            "broker",
            "/etc/gleancam/word, /etc/gleancam/cam-secret: bad\n\x1b[2J",
            "try rtsp://admin:hunter2@cam/1?password=hunter3",
        ),
        config,
    )
    assert told.what == "(a file), (a file): bad  [2J"
    assert "hunter" not in told.cure
    assert "admin" not in told.cure


def test_nothing_that_reaches_out_or_takes_long_is_among_them() -> None:
    assert set(CHECKS) >= {"software", "disk", "clock", "broker"}
    mqtt = Mqtt(host="192.0.2.1", password_file="/nonexistent")  # noqa: S106
    config = Config(site="s", device="d", cameras=(), mqtt=mqtt)
    found = look("broker", CHECKS["broker"], config)
    assert [one.level for one in found] == [Level.WARN], "said of the settings, not of a connection"


levels: st.SearchStrategy[FindingLevel] = st.sampled_from(["ok", "info", "warn", "fail"])
texts = st.text(max_size=200)
findings = st.builds(FindingData, level=levels, part=st.text(max_size=32), what=texts, cure=texts)


@given(st.lists(findings, max_size=60))
def test_an_answer_fits_and_leaves_off_the_least_bad(found: list[FindingData]) -> None:
    kept, left_off = bounded(found)
    verdict = Verdict("done", findings=kept, left_off=left_off)
    message = result_message(Reply(TOPICS.command_result("doctor")), "doctor", "a", verdict, 0)
    assert len(message.payload) <= LIMIT_BYTES
    assert parse_result(message.payload).findings == kept
    assert len(kept) + left_off == len(found)
    assert len(kept) <= MOST_FINDINGS
    order = ["fail", "warn", "info", "ok"]
    left = list(found)
    for one in kept:
        left.remove(one)
    if kept and left:
        worst_left = min(order.index(one.level) for one in left)
        assert max(order.index(one.level) for one in kept) <= worst_left


def test_an_examiner_that_is_closed_refuses() -> None:
    examiner = Examiner(Config(site="s", device="d", cameras=()), lambda: None)
    examiner.close()
    assert examiner.examine(Command("doctor", "a")) == "the daemon is stopping"
