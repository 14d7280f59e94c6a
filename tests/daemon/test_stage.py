"""A stage is a thread that shows it is alive, stops when asked, and reports what ended it."""

from __future__ import annotations

import threading

import pytest

from gleancam.stage import Pulse, Stage

PATIENCE_S = 10.0


def no_crash(_name: str, error: BaseException) -> None:
    raise AssertionError from error


def test_a_stage_runs_until_it_is_asked_to_stop() -> None:
    running = threading.Event()

    def run(pulse: Pulse) -> None:
        running.set()
        while not pulse.sleep(60):
            pass

    stage = Stage("s", run, no_crash)
    stage.start()
    assert running.wait(PATIENCE_S)
    assert stage.alive

    stage.stop()

    assert stage.join(PATIENCE_S)
    assert not stage.alive


def test_join_says_when_a_stage_does_not_end() -> None:
    release = threading.Event()

    def run(_: Pulse) -> None:
        release.wait(PATIENCE_S)

    stage = Stage("s", run, no_crash)
    stage.start()

    assert not stage.join(0.01)

    release.set()
    assert stage.join(PATIENCE_S)


def test_whatever_ends_a_stage_is_reported_with_its_name() -> None:
    reports: list[tuple[str, BaseException]] = []

    def run(_: Pulse) -> None:
        raise SystemExit(3)

    stage = Stage("source-gate", run, lambda *report: reports.append(report))
    stage.start()

    assert stage.join(PATIENCE_S)
    ((name, error),) = reports
    assert name == "source-gate"
    assert isinstance(error, SystemExit)


def test_the_thread_carries_the_name_of_the_stage() -> None:
    names: list[str] = []
    stage = Stage("spooler", lambda _: names.append(threading.current_thread().name), no_crash)
    stage.start()

    assert stage.join(PATIENCE_S)
    assert names == ["spooler"]


def test_silence_grows_while_working_and_not_while_waiting() -> None:
    pulse = Pulse()
    pulse.beat()
    first = pulse.silent_s()
    assert pulse.silent_s() >= first

    with pulse.waiting("disk"):
        assert pulse.waiting_on == "disk"
        assert pulse.silent_s() == 0

    assert pulse.waiting_on is None


def test_waiting_ends_also_when_the_wait_raises() -> None:
    pulse = Pulse()

    def wait() -> None:
        with pulse.waiting("disk"):
            raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - any will do
        wait()

    assert pulse.waiting_on is None


def test_sleep_ends_at_once_when_the_stage_should_stop() -> None:
    pulse = Pulse()
    assert not pulse.sleep(0)

    pulse.stop()

    assert pulse.sleep(3600)
    assert pulse.stopping
