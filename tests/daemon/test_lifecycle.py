from __future__ import annotations

from collections.abc import Callable

import pytest

from gleancam.errors import ConfigurationError
from gleancam.lifecycle import CrashReport, Lifecycle, Part, stage_part
from gleancam.stage import Pulse, Stage
from gleancam_engines.errors import DeviceError, TensorError


def recorded(name: str, said: list[str], *, ends: bool = True) -> Part:
    def stop(budget_s: float) -> bool:
        said.append(f"stop {name} {budget_s:g}")
        return ends

    return Part(name, lambda: said.append(f"start {name}"), stop, 2.0)


def stage(run: Callable[[Pulse], None], report: CrashReport) -> Stage:
    return Stage("worker", run, report.report)


def test_parts_start_downstream_first_and_stop_upstream_first() -> None:
    said: list[str] = []
    lifecycle = Lifecycle([recorded("delivery", said), recorded("sources", said)])
    lifecycle.start()
    assert lifecycle.stop() == ()
    assert said == ["start delivery", "start sources", "stop sources 2", "stop delivery 2"]


def test_a_part_that_overstays_is_left_and_the_others_still_stop() -> None:
    said: list[str] = []
    lifecycle = Lifecycle([recorded("delivery", said), recorded("sources", said, ends=False)])
    lifecycle.start()
    assert lifecycle.stop() == ("sources",)
    assert said[-1] == "stop delivery 2"


def test_only_what_was_started_is_stopped() -> None:
    said: list[str] = []
    Lifecycle([recorded("delivery", said)]).stop()
    assert said == []


def test_a_stage_that_waits_is_not_silent_and_one_that_works_too_long_is() -> None:
    report = CrashReport()

    def wait(pulse: Pulse) -> None:
        while not pulse.sleep(0.01):
            pass

    waiting = stage(wait, report)
    lifecycle = Lifecycle([stage_part(waiting, 1.0)])
    lifecycle.start()
    assert lifecycle.silent(30.0) == ()
    lifecycle.stop()
    assert not waiting.alive


def test_a_working_stage_that_never_beats_is_named() -> None:
    report = CrashReport()

    def work(pulse: Pulse) -> None:
        while not pulse.stopping:
            pass

    lifecycle = Lifecycle([stage_part(stage(work, report), 1.0)])
    lifecycle.start()
    assert lifecycle.silent(-1.0) == ("worker",)
    lifecycle.stop()


def test_a_crash_is_reported_and_ends_only_its_own_stage() -> None:
    report = CrashReport()

    def fall(_pulse: Pulse) -> None:
        raise ValueError("broken")

    fallen = stage(fall, report)
    fallen.start()
    assert fallen.join(5.0)
    assert report.happened
    assert report.exit_code == 1


@pytest.mark.parametrize(
    ("crashes", "code"),
    [
        ([], 0),
        ([ValueError("broken")], 1),
        ([ConfigurationError("a file is gone")], 1),
        ([TensorError("NaN")], 3),
        ([DeviceError("the GPU fell off the bus"), ValueError("so this broke too")], 3),
        ([ValueError("broken"), TensorError("NaN")], 1),
    ],
)
def test_the_first_crash_decides_the_exit_code_and_systemd_always_starts_again(
    crashes: list[BaseException], code: int
) -> None:
    report = CrashReport()
    for error in crashes:
        report.report("worker", error)
    assert report.exit_code == code
