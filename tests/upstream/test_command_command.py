"""`gleancam-upstream command` and a device that obeys, over a real broker."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commanded_device import Device, running
from gleancam.captures import Capture
from gleancam.config.keys import Config
from gleancam.demo.broker import free_port
from gleancam.doctor.finding import Finding, fail, ok
from gleancam.spool.queue import Spool
from mqtt_rig import peer as peer_of
from mqtt_rig import settings

pytestmark = pytest.mark.usefixtures("clock_is_set")


@pytest.fixture
def obeying(broker_port: int, tmp_path: Path, protocol: str) -> Iterator[Device]:
    spool = Spool.open(tmp_path / "spool.db", 10**9, 0)
    with running(Device(spool, settings(broker_port, protocol=protocol))) as device:
        yield device
    spool.close()


def command(port: int, *arguments: str) -> tuple[int, str, str]:
    line = [sys.executable, "-m", "gleancam_upstream", "command", *arguments]
    line += ["--host=127.0.0.1", f"--port={port}"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_gives_a_command_once_and_tells_the_answer(
    obeying: Device, broker_port: int, protocol: str
) -> None:
    given = ["depot", "gate-1", "capture-now", "--camera=front", "--id=mine", "--json"]
    given += [f"--protocol={protocol}"]
    code, out, _ = command(broker_port, *given)
    first: Any = json.loads(out)
    assert (code, first["outcome"], first["id"]) == (0, "done", "mine")
    code, out, _ = command(broker_port, *given)
    assert (code, json.loads(out)["outcome"]) == (0, "replayed")
    assert obeying.captures.take() == [Capture("front", "command-mine")]


def test_says_what_was_not_done(obeying: Device, broker_port: int) -> None:
    given = ["depot", "gate-1", "capture-now", "--camera=roof"]
    code, out, _ = command(broker_port, *given)
    assert (code, out) == (1, "capture-now: refused: no camera roof is watched\n")
    assert obeying.captures.take() == []


def test_a_device_that_is_not_there_does_not_answer(broker_port: int) -> None:
    given = ["depot", "gate-9", "pause", "--wait=1", "--id=a"]
    code, out, _ = command(broker_port, *given)
    assert code == 1
    assert "no answer" in out
    code, out, _ = command(broker_port, *given, "--json")
    assert (code, json.loads(out)) == (1, {"command": "pause", "id": "a", "outcome": None})


def test_nothing_is_left_at_the_broker(broker_port: int) -> None:
    command(broker_port, "depot", "gate-1", "pause", "--wait=1")
    with peer_of(broker_port) as later:
        later.subscribe("gleancam/v1/depot/gate-1/cmd/#")
        later.say("gleancam/v1/depot/gate-1/cmd/last", b"")
        assert later.get().topic.endswith("/last"), "a command was retained"


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["depot", "gate-1", "reboot"], "invalid choice"),
        (["depot", "Gate", "pause"], "device is 'Gate'"),
        (["depot", "gate-1", "pause", "--id=A"], "id is 'A'"),
        (["depot", "gate-1", "pause", "--wait=1"], "no connection"),
    ],
)
def test_what_cannot_be_used_ends_with_two(arguments: list[str], what: str) -> None:
    code, _, error = command(free_port(), *arguments)
    assert code == 2
    assert what in error


def test_a_link_is_called_metered_and_no_more(
    obeying: Device, broker_port: int, protocol: str
) -> None:
    given = ["depot", "gate-1", "metered", f"--protocol={protocol}"]
    code, out, _ = command(broker_port, *given, "--on")
    assert (code, out) == (0, "metered: done\n")
    assert any(name == "delivery/metered" for name, _, _ in obeying.spool.noted())
    code, out, _ = command(broker_port, *given, "--no-on")
    assert (code, out) == (0, "metered: done\n")
    assert not any(name == "delivery/metered" for name, _, _ in obeying.spool.noted())
    code, _, error = command(broker_port, *given)
    assert code != 0
    assert "--on or --no-on" in error


def found(_config: Config) -> Iterator[Finding]:
    yield ok("disk", "9 GB free")
    yield fail("engine", "it is \x1b[2J not installed", "install it")


def test_what_the_doctor_found_is_a_table_or_json(
    broker_port: int, tmp_path: Path, protocol: str
) -> None:
    spool = Spool.open(tmp_path / "spool.db", 10**9, 0)
    device = Device(spool, settings(broker_port, protocol=protocol))
    device.examine_with({"all": found}, 10)
    given = ["depot", "gate-1", "doctor", f"--protocol={protocol}"]
    with running(device):
        code, table, _ = command(broker_port, *given)
        code_json, out, _ = command(broker_port, *given, "--json")
    spool.close()
    assert (code, code_json) == (1, 1), "something cannot work"
    assert table.splitlines() == [
        "doctor: done",
        "ok   disk       9 GB free",
        "fail engine     it is  [2J not installed",
        "                cure: install it",
    ]
    assert [one["part"] for one in json.loads(out)["findings"]] == ["disk", "engine"]
