"""`gleancam-upstream conformance` tries the reference consumer, and says what it found."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conformance.trials import PATIENCE_S, PROTOCOLS
from gleancam_upstream.conformance.rules import CONSUMER, DEVICE

UPSTREAM = (sys.executable, "-m", "gleancam_upstream")


def conformance(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [*UPSTREAM, "conformance", *arguments]
    return subprocess.run(line, capture_output=True, text=True, timeout=100, check=False)


@contextmanager
def consuming(port: int, protocol: str, out: Path) -> Iterator[int]:
    line = [*UPSTREAM, "consume", "--site=depot", "--host=127.0.0.1", f"--port={port}"]
    line += [f"--protocol={protocol}", f"--out={out}"]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_reference_consumer_follows_every_rule(
    broker_port: int, tmp_path: Path, protocol: str
) -> None:
    where = ("--site=depot", f"--port={broker_port}", f"--patience={PATIENCE_S}")
    with consuming(broker_port, protocol, tmp_path / "out") as pid:
        done = conformance("consumer", *where, f"--protocol={protocol}", f"--pid={pid}", "--json")
    document: Any = json.loads(done.stdout)
    outcomes = {one["rule"]: one["outcome"] for one in document["findings"]}
    assert outcomes == dict.fromkeys(CONSUMER, "passed")
    assert (document["tried"], document["protocol"]) == ("consumer", protocol)
    assert document["passed"] is True
    assert done.returncode == 0
    assert "C-10 passed" in done.stderr, "it says what it does meanwhile"


def test_where_nobody_is_rules_are_broken(broker_port: int) -> None:
    where = ("--site=depot", "--host=127.0.0.1", f"--port={broker_port}", "--patience=0.5")
    for whom in (("consumer",), ("device", "--device=gate-1")):
        done = conformance(*whom, *where)
        assert done.returncode == 1
        assert "failed" in done.stdout


def test_a_missing_password_is_no_verdict(tmp_path: Path) -> None:
    missing = tmp_path / "password"
    done = conformance("device", "--site=depot", "--device=gate-1", f"--password-file={missing}")
    assert done.returncode == 2
    assert str(missing) in done.stderr


def test_the_page_of_rules_needs_no_broker() -> None:
    for whom, rules in (("consumer", CONSUMER), ("device", DEVICE)):
        done = conformance(whom, "--list")
        assert done.returncode == 0
        assert done.stdout.splitlines() == [f"{rule}  {says}" for rule, says in rules.items()]
