"""What the desk decides: expiry, clocks, replays, bounds. No broker here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from gleancam.delivery.command_desk import BURST, MOST_ANSWERS, CommandDesk
from gleancam.delivery.command_expiry import LONGEST_S, Now, deadline_ns
from gleancam.delivery.command_memory import CommandMemory
from gleancam.delivery.throttle import Throttle
from gleancam.errors import SinkError
from gleancam.metrics import Metrics
from gleancam.sinks.base import Commanded
from gleancam.spool.queue import Spool
from gleancam.wire.command import Command, Fumble, Request
from gleancam.wire.command_result import Verdict
from gleancam.wire.message import Message
from gleancam.wire.reply import Reply
from made_samples import TOPICS

S = 10**9
NOW = Now(1000 * S, 1_800_000_000 * S, synced=True)
REPLY = Reply(TOPICS.command_result("pause"))


class Desk:
    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.registry = CollectorRegistry()
        self.done: list[str] = []
        self.spool = Spool.open(folder / "spool.db", 10**9, 0, lambda: self.now.mono_ns)
        memory = CommandMemory(self.spool)
        self.desk = CommandDesk(Metrics(self.registry), memory, lambda: self.now)
        self.desk.obey("pause", self.pause)

    def pause(self, command: Command) -> str:
        self.done.append(command.id)
        return ""

    def ask(self, body: Command | Fumble, expiry_s: int | None = 60, ago_s: int = 0) -> Any:
        """Give one command and return the answer; None when there is none."""
        request = Request("pause", body, REPLY, expiry_s)
        self.desk.take(Commanded(request, self.now.mono_ns - ago_s * S))
        answers = self.answers()
        return json.loads(answers[0].payload) if answers else None

    def answers(self) -> list[Message]:
        out: list[Message] = []
        self.desk.flush(out.append)
        return out

    def later(self, span_s: float) -> None:
        span = int(span_s * S)
        self.now = replace(self.now, mono_ns=self.now.mono_ns + span, utc_ns=self.now.utc_ns + span)

    def count(self, outcome: str) -> float | None:
        labels = {"name": "pause", "outcome": outcome}
        return self.registry.get_sample_value("gleancam_commands_total", labels)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.spool.close()


def test_a_command_has_its_effect_once(desk: Desk) -> None:
    assert desk.ask(Command("pause", "a"))["outcome"] == "done"
    again = desk.ask(Command("pause", "a"))
    assert (again["outcome"], again["first"]) == ("replayed", "done")
    assert desk.done == ["a"]
    assert (desk.count("done"), desk.count("replayed")) == (1, 1)


def test_what_nothing_here_obeys_is_refused(desk: Desk) -> None:
    assert desk.ask(Command("resume", "a"))["outcome"] == "refused"
    assert desk.ask(Command("resume", "a"))["first"] == "refused"


def test_a_fumble_changes_nothing_and_spends_no_id(desk: Desk) -> None:
    answer = desk.ask(Fumble("oversized", "too long", "a"))
    assert (answer["outcome"], answer["id"], answer["why"]) == ("oversized", "a", "too long")
    assert desk.ask(Command("pause", "a"))["outcome"] == "done"


def test_expired_by_either_clock(desk: Desk) -> None:
    past, ahead = NOW.utc_ns - 1, NOW.utc_ns + 60 * S
    assert desk.ask(Command("pause", "a"), expiry_s=0)["outcome"] == "expired"
    assert desk.ask(Command("pause", "a"), expiry_s=5, ago_s=5)["outcome"] == "expired"
    assert desk.ask(Command("pause", "a", "", past))["outcome"] == "expired"
    assert desk.ask(Command("pause", "a", "", past), None)["outcome"] == "expired"
    assert desk.ask(Command("pause", "a", "", ahead), 0)["outcome"] == "expired"
    assert desk.done == []
    assert desk.ask(Command("pause", "a", "", ahead), None)["outcome"] == "done"


def test_a_clock_that_is_not_set_decides_nothing(desk: Desk) -> None:
    desk.now = replace(NOW, synced=False)
    past = NOW.utc_ns - 10**15
    assert desk.ask(Command("pause", "a", "", past), None)["outcome"] == "unsynced"
    assert desk.ask(Command("pause", "a", "", past), 60)["outcome"] == "done"
    desk.now = replace(NOW, synced=None)
    assert desk.ask(Command("pause", "b", "", past), 60)["outcome"] == "expired"


def test_a_command_for_next_week_is_none(desk: Desk) -> None:
    assert desk.ask(Command("pause", "a"), LONGEST_S + 1)["outcome"] == "malformed"
    assert desk.ask(Command("pause", "a"), LONGEST_S)["outcome"] == "done"


def test_a_flood_is_counted_and_neither_done_nor_answered(desk: Desk) -> None:
    answers = [desk.ask(Command("pause", f"c-{number}")) for number in range(BURST + 5)]
    assert answers[BURST:] == [None] * 5
    assert len(desk.done) == BURST
    assert desk.count("throttled") == 5
    desk.later(1)
    assert desk.ask(Command("pause", f"c-{BURST}"))["outcome"] == "done"


def test_answers_wait_for_a_session_and_are_bounded(desk: Desk) -> None:
    def refuse(_message: Message) -> None:
        raise SinkError("no session", transient=True)

    for number in range(MOST_ANSWERS + 10):
        desk.later(1)
        request = Request("pause", Command("pause", f"c-{number}"), REPLY, 60)
        desk.desk.take(Commanded(request, desk.now.mono_ns))
        desk.desk.flush(refuse)
    left = [json.loads(answer.payload)["id"] for answer in desk.answers()]
    assert left == [f"c-{number}" for number in range(10, MOST_ANSWERS + 10)]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=200), st.integers(1, 5))
def test_a_throttle_lets_its_burst_and_its_rate_through(gaps: list[int], burst: int) -> None:
    throttle, now, passed = Throttle(burst, every_ns=10), 0, 0
    for gap in gaps:
        now += gap
        passed += throttle.take(now)
    assert passed <= burst + sum(gaps[1:]) // 10
    assert passed >= min(len(gaps), burst)


times = st.none() | st.integers(-(2 * 10**5), 2 * 10**5)


@given(times, st.none() | st.integers(0, 2 * 10**5), st.integers(0, 1000), st.booleans())
def test_the_earlier_of_both_holds(
    offset_s: int | None,
    expiry_s: int | None,
    ago_s: int,
    synced: bool,  # noqa: FBT001 - drawn
) -> None:
    now = replace(NOW, synced=synced)
    expires_ns = None if offset_s is None else NOW.utc_ns + offset_s * S
    got = deadline_ns(expires_ns, expiry_s, NOW.mono_ns - ago_s * S, now)
    left = [] if expiry_s is None else [expiry_s - ago_s]
    left += [offset_s] if offset_s is not None and synced else []
    if isinstance(got, Verdict):
        assert not left or min(left) <= 0 or min(left) > LONGEST_S
    else:
        assert got == NOW.mono_ns + min(left) * S
