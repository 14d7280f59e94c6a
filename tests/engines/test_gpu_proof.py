"""What tests/gpu does on a machine with a GPU, as far as it goes without one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gleancam_engines.cuda.context import primary_context
from gleancam_engines.preprocess import preprocess
from gpu import agree, plan, prove, reading, speed
from gpu.kernel import on_gpu
from gpu.step import Outcome, Step, run
from gpu_rig import CUBIN, simulated_gpu
from made_planes import noise

TESTS = Path(__file__).parents[1]
REASON = "import sys; sys.stderr.write('no such thing; buy one\\n'); sys.exit(77)"


def doing(code: str, **more: Any) -> Step:
    return Step("it", ("-c", code), **more)


def ended(*, ok: bool) -> dict[str, Outcome]:
    return {"before": Outcome("before", "ok" if ok else "failed", [("", "a reason")])}


def test_the_kernel_agrees_where_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    with simulated_gpu(monkeypatch):
        frames = agree.pictures([(64, 64), (33, 51)])
        found = list(agree.disagreements(primary_context(), CUBIN, frames))
    assert [name.split()[1] for name, _, _ in found] == [*["float32", "float16"] * 3, "uint8"]
    for name, mean, most in found:
        assert 0 < mean <= agree.ALLOWED[name.split()[1]][0], name
        assert most <= agree.ALLOWED[name.split()[1]][1], name


def test_a_kernel_that_is_wrong_does_not_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = agree.pictures([(64, 64)])
    monkeypatch.setattr(agree, "preprocess", lambda given, spec: preprocess(given[::-1], spec))
    with simulated_gpu(monkeypatch):
        found = list(agree.disagreements(primary_context(), CUBIN, frames))
    assert all(mean > agree.ALLOWED[name.split()[1]][0] for name, mean, _ in found)


def test_the_kernel_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "RUNS", 2)
    with simulated_gpu(monkeypatch):
        kernel_ms, whole_ms = speed.figures(primary_context(), CUBIN, [noise(36, 64)] * 2)
    assert kernel_ms > 0
    assert whole_ms > 0


def test_what_was_opened_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    with simulated_gpu(monkeypatch) as machine:
        with on_gpu(primary_context(), CUBIN, agree.SPECS[0]):
            pass
        machine.check()


@pytest.mark.parametrize(
    ("step", "state", "told"),
    [
        (doing("print('noise'); print('7 ms')"), "ok", "7 ms"),
        (doing(REASON), "not run", "no such thing; buy one"),
        (doing("raise SystemExit('it broke')"), "failed", "it broke"),
        (doing("print('2 failed, 9 passed'); raise SystemExit(1)"), "failed", "2 failed, 9 passed"),
        (
            doing("print('{'); raise SystemExit('it broke')", read=reading.rows),
            "failed",
            "it broke",
        ),
        (doing("import os; os.abort()"), "failed", "died of SIGABRT"),
        (doing("import time; time.sleep(60)", timeout_s=0.1), "failed", "not done after 0 s"),
        (doing("print(1)", missing="no photographs"), "not run", "no photographs"),
    ],
)
def test_a_step_ends_somehow(step: Step, state: str, told: str) -> None:
    outcome = run(step, {})
    assert (outcome.state, outcome.rows) == (state, [("", told)])


def test_what_a_step_needs_comes_first() -> None:
    assert run(doing("print(1)", needs=("before",)), ended(ok=True)).state == "ok"
    first = run(doing("print(1)", needs=("before",)), ended(ok=False))
    assert (first.state, first.rows) == ("not run", [("", "needs before")])
    second = run(Step("next", ("-c", ""), needs=("it",)), {"it": first})
    assert second.rows == [("", "needs before")]


def test_steps_need_only_earlier_ones(tmp_path: Path) -> None:
    seen: set[str] = set()
    for step in plan.steps(plan.Asked(tmp_path, ("one", "two"), tmp_path, 1.0)):
        assert set(step.needs) <= seen
        seen.add(step.name)
    assert len(seen) == 7 + 2 * 10


def test_figures_are_read() -> None:
    receipt = {"pictures": 76, "result": {"measure": "cosine", "value": 0.9995, "bar": 0.999}}
    assert "0.99950" in reading.receipt(json.dumps(receipt))[0][1]
    built = {"seconds": 9.5, "size_bytes": 2**20, "batches": [1, 8]}
    assert reading.plan(json.dumps(built)) == [("", "9.5 s, 1.0 MiB, batches [1, 8]")]


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ({"driver": "ok", "it": "ok"}, 0),
        ({"driver": "ok", "it": "not run"}, 0),
        ({"driver": "ok", "it": "failed"}, 1),
        ({"driver": "not run", "it": "failed"}, 1),
        ({"driver": "not run", "it": "not run"}, 3),
    ],
)
def test_exit_codes(states: Mapping[str, Any], code: int) -> None:
    assert prove.code({name: Outcome(name, state, []) for name, state in states.items()}) == code


def test_without_a_gpu_all_of_it_is_told(tmp_path: Path) -> None:
    """Hidden from the process, should the machine have one."""
    report = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", "gpu.prove", "--models", tmp_path, "--json", report, "nothing"],
        env={**os.environ, "PYTHONPATH": str(TESTS), "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    steps = {one["name"]: one for one in json.loads(report.read_text())["steps"]}
    assert steps["driver"]["state"] == "not run"
    assert steps["kernel agrees"]["rows"] == [["", "needs driver"]]
    assert steps["nothing is here"]["state"] == "failed"
    assert done.returncode == 1
    for name in steps:
        assert name in done.stdout
