"""Trials of programs that run beside, several at once: each has a site of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

import pytest

from brokers import Broker as Mosquitto
from gleancam.wire.topics import Topics
from gleancam_upstream.broker import Broker
from gleancam_upstream.conformance.score import Finding
from gleancam_upstream.conformance.trial import Trial

HERE = Path(__file__).parent
TESTS = HERE.parent
PATIENCE_S = 15.0
AT_ONCE = 32

Protocol: TypeAlias = Literal["5", "3.1.1"]
PROTOCOLS: tuple[Protocol, ...] = ("5", "3.1.1")
Findings: TypeAlias = tuple[Finding, ...]
Try: TypeAlias = Callable[[Trial, Callable[[Finding], None]], Findings]


@dataclass(frozen=True)
class Case:
    """A program to try: which one, over what, with which fault."""

    program: str
    protocol: Protocol
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.program} {self.protocol} {self.fault}".rstrip()


Results: TypeAlias = Mapping[Case, "Future[Findings]"]


@contextmanager
def all_tried(attempt: Try, cases: Sequence[Case], folder: Path) -> Iterator[Results]:
    """Try many at once against one broker: a trial is mostly waiting."""
    mosquitto = Mosquitto(folder)
    mosquitto.start()
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            yield {
                case: pool.submit(_try, attempt, case, mosquitto.port, folder / f"site-{number}")
                for number, case in enumerate(cases)
            }
    finally:
        mosquitto.stop()


def wanted_cases(request: pytest.FixtureRequest) -> list[Case]:
    """Return the cases of the tests that were chosen, for a fixture of their module."""
    chosen = (
        getattr(item, "callspec").params.get("case")  # noqa: B009 - of parametrised items alone
        for item in request.session.items
        if item.path == request.path and hasattr(item, "callspec")
    )
    return [case for case in chosen if isinstance(case, Case)]


def failed(findings: Findings) -> dict[str, str]:
    """Return what was seen, by the rule that was broken."""
    return {one.rule: one.seen for one in findings if one.outcome == "failed"}


def left_out(findings: Findings) -> dict[str, str]:
    """Return why, by the rule of which nothing could be told."""
    return {one.rule: one.seen for one in findings if one.outcome == "not applicable"}


def command(case: Case, port: int, folder: Path) -> list[str]:
    """Return the command line of a program; its process id is that of the last of its shells."""
    if case.program.endswith(".sh"):
        version = case.protocol.replace(".", "")
        return [str(HERE / case.program), str(port), version, folder.name, str(folder)]
    line = [sys.executable, str(HERE / case.program), f"--port={port}"]
    return [*line, f"--protocol={case.protocol}", f"--site={folder.name}", f"--fault={case.fault}"]


def _try(attempt: Try, case: Case, port: int, folder: Path) -> Findings:
    with _begun(command(case, port, folder)) as process:
        broker = Broker("127.0.0.1", port, protocol=case.protocol)
        topics = Topics("gleancam", folder.name, "small")
        kill = partial(_kill, process, folder / "pid")
        trial = Trial(broker, topics, PATIENCE_S, kill, partial(_let_go, process))
        return attempt(trial, lambda _: None)


@contextmanager
def _begun(line: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """Start a program and wait until it has imported all; it connects when it is let go."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    with subprocess.Popen(
        line, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def _let_go(process: subprocess.Popen[str], _doing: str) -> None:
    """Do so when the trial first says something: it listens now."""
    assert process.stdin is not None
    if not process.stdin.closed:
        process.stdin.write("go\n")
        process.stdin.close()


def _kill(process: subprocess.Popen[str], pid: Path) -> None:
    if pid.exists():
        os.kill(int(pid.read_text()), signal.SIGKILL)
    else:
        process.kill()
