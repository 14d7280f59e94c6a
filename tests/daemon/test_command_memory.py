"""No restart, kill or step of a clock lets a command come again; over a real broker, and alone."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brokers import Broker
from commanded_device import Asker, Device, Given, running
from gleancam.delivery.command_memory import FLOOR, NAME, CommandMemory
from gleancam.delivery.known_commands import MOST_KNOWN, KnownCommands
from gleancam.errors import SpoolFullError
from gleancam.spool.queue import Spool
from gleancam.wire.command import Command, CommandName
from gleancam.wire.times import rfc3339
from mqtt_rig import settings as mqtt_settings

S = 10**9
UTC_NS = 1_800_000_000 * S
CHILD = Path(__file__).parents[1] / "commands_child.py"


pytestmark = pytest.mark.usefixtures("clock_is_set")


def command(command_id: str, name: str = "capture-now") -> Given:
    expires = rfc3339(time.time_ns() + 600 * S)
    return Given(name, json.dumps({"id": command_id, "expires": expires}).encode())


def test_a_restart_forgets_no_command(tmp_path: Path, broker: Broker, protocol: str) -> None:
    asker, mqtt = Asker(broker.port, protocol), mqtt_settings(broker.port, protocol=protocol)
    given = command("a", "pause")
    path = tmp_path / "spool.db"
    with closing(Spool.open(path, 10**9, 0)) as spool, running(Device(spool, mqtt)):
        assert asker.ask(given)[0]["outcome"] == "done"
    with closing(Spool.open(path, 10**9, 0)) as spool, running(Device(spool, mqtt)) as device:
        replayed, fresh = asker.ask(given, command("b"))
        assert not device.pause.on
    assert (replayed["outcome"], replayed["first"]) == ("replayed", None)
    assert fresh["outcome"] == "done"


def test_a_kill_forgets_no_command(tmp_path: Path, broker: Broker, protocol: str) -> None:
    asker, given = Asker(broker.port, protocol), command("a")
    line = [sys.executable, str(CHILD), str(tmp_path / "spool.db"), str(broker.port), protocol]
    said: list[list[str]] = []
    for expected, last in (("done", "b"), ("replayed", "c")):
        with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as child:
            try:
                assert child.stdout is not None
                assert child.stdout.readline() == "ready\n"
                answers = asker.ask(given, command(last))
                assert [answer["outcome"] for answer in answers] == [expected, "done"]
                said.append(list(iter(child.stdout.readline, f"command-{last}\n")))
            finally:
                child.kill()
    assert said == [["command-a\n"] * 2, []], "one for each camera, and nothing a second time"


class Memory:
    """A memory on a real spool, with a clock that can be turned, started anew at will."""

    def __init__(self, folder: Path, most: int = MOST_KNOWN) -> None:
        self._path, self._most, self.lived_ns = folder / "spool.db", most, 0
        self._open()

    def _open(self) -> None:
        self.spool = Spool.open(self._path, 10**9, 0, lambda: self.lived_ns)
        self.memory = CommandMemory(self.spool, KnownCommands(self._most))

    def restart(self) -> None:
        """As after a kill: the spool's clock goes on where it was written down, if it was."""
        self.spool.close()
        self._open()

    def give(
        self, name: str, left_s: int = 60, expires_s: int | None = None, what: CommandName = "pause"
    ) -> str:
        if name in self.memory:
            return "replayed"
        expires_ns = None if expires_s is None else UTC_NS + expires_s * S
        verdict = self.memory.remember(Command(what, name, "", expires_ns), left_s * S)
        return "done" if verdict is None else verdict.outcome


def test_notes_are_bounded_and_only_expired_ones_make_room(tmp_path: Path) -> None:
    device = Memory(tmp_path, most=3)
    with closing(device.spool):
        assert [device.give(f"c-{one}", 10 + one) for one in range(4)] == [*["done"] * 3, "busy"]
        device.lived_ns += 11 * S
        assert device.give("c-4") == "done"
        assert [device.give(f"c-{one}") for one in (2, 4)] == ["replayed"] * 2
        assert sum(name == NAME for name, _, _ in device.spool.noted()) == 2


def test_what_was_forgotten_is_refused_when_the_wall_clock_is_set_back(tmp_path: Path) -> None:
    device = Memory(tmp_path, most=1)
    assert device.give("old", 60, expires_s=60) == "done"
    device.lived_ns += 61 * S
    assert device.give("new", 60, expires_s=121) == "done"
    assert "old" not in device.memory
    # UTC is a minute back now, so `old` seems to hold for a minute.
    assert device.give("old", 60, expires_s=60) == "expired"
    device.restart()
    assert device.give("old", 60, expires_s=60) == "expired"
    device.spool.close()


def test_a_spool_that_lost_its_clock_does_not_remember_for_ever(tmp_path: Path) -> None:
    device = Memory(tmp_path, most=1)
    device.spool.write_down([(NAME, 1, (10**18).to_bytes(8, "little") + bytes(8) + b"old")])
    device.restart()
    assert device.give("new") == "busy"
    device.lived_ns += 86_400 * S
    assert device.give("new") == "done"
    device.spool.close()


def test_notes_that_are_none_are_passed_over(tmp_path: Path) -> None:
    device = Memory(tmp_path)
    device.spool.write_down([(NAME, 1, b"?"), (NAME, 2, bytes(16) + b"\xff A"), (FLOOR, 0, b"")])
    device.restart()
    assert device.give("new") == "done"
    device.spool.close()


def test_what_cannot_be_stored_is_not_done_but_for_what_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Spool, _notes: object) -> None:
        raise SpoolFullError("the disk is full")

    device = Memory(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(Spool, "write_down", full)
        assert device.give("a") == "refused"
        assert [device.give("d", what="doctor") for _ in "12"] == ["done", "replayed"]
    assert device.give("a") == "done", "it was not done, so its id is not spent"
    device.spool.close()


steps = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 30), st.integers(0, 8), st.booleans()), max_size=30
)


@settings(deadline=None, max_examples=40)
@given(steps)
def test_nothing_that_still_holds_is_done_twice(steps: list[tuple[int, int, int, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        device, done = Memory(Path(folder), most=4), dict[str, int]()
        for number, span, wait, restart in steps:
            device.lived_ns += wait * S
            if restart:
                device.restart()
            name, now = f"c-{number}", device.lived_ns // S
            if device.give(name, span, expires_s=now + span) == "done":
                assert done.get(name, -1) <= now, "a replay had its effect"
                done[name] = now + span
        device.spool.close()
