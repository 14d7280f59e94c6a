"""One thing to prove, in a process of its own: what dies of a signal ends only itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

NOT_HERE = 77
"""Exit code of a step whose machine lacks what it needs, as automake has it; stderr says what."""

State: TypeAlias = Literal["ok", "failed", "not run"]
Row: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class Step:
    """What to run, and what must have gone well before.

    Attributes:
        command: arguments of this Python.
        needs: names of earlier steps.
        missing: why it cannot run whatever the machine has; empty: it can.
        read: from the last line of stdout to rows of the table.
    """

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    missing: str = ""
    read: Callable[[str], list[Row]] = lambda line: [("", line)]
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 600.0


@dataclass(frozen=True)
class Outcome:
    """How a step went.

    Attributes:
        rows: what of it, and what was found; or why it failed or was not run.
    """

    name: str
    state: State
    rows: list[Row]
    seconds: float = 0.0


def run(step: Step, before: Mapping[str, Outcome]) -> Outcome:
    """Run a step, unless what it needs is not there."""
    if reason := step.missing or unmet(step, before):
        return Outcome(step.name, "not run", [("", reason)])
    started = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, *step.command],
            capture_output=True,
            text=True,
            env={**os.environ, **step.environment},
            timeout=step.timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(step.name, "failed", [("", f"not done after {step.timeout_s:.0f} s")])
    return judge(step, done, time.monotonic() - started)


def unmet(step: Step, before: Mapping[str, Outcome]) -> str:
    """Return what is wanting, at the root of it; empty if nothing is."""
    for name in step.needs:
        if before[name].state != "ok":
            reason = before[name].rows[0][1]
            return reason if reason.startswith("needs ") else f"needs {name}"
    return ""


def judge(step: Step, done: subprocess.CompletedProcess[str], seconds: float) -> Outcome:
    if done.returncode == NOT_HERE and not done.stdout:
        return Outcome(step.name, "not run", [("", last_line(done.stderr))], seconds)
    if done.returncode:
        sys.stderr.write(f"--- {step.name}\n{done.stdout[-4000:]}{done.stderr[-8000:]}\n")
        return Outcome(step.name, "failed", found_wanting(step, done), seconds)
    return Outcome(step.name, "ok", step.read(last_line(done.stdout)), seconds)


def found_wanting(step: Step, done: subprocess.CompletedProcess[str]) -> list[Row]:
    """Return the figures that did not suffice, where it got as far as those, else what it said."""
    if done.returncode > 0 and (line := last_line(done.stdout)):
        with suppress(ValueError):
            return step.read(line)
    return [("", why(done))]


def why(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode < 0:
        return f"died of {signal.Signals(-done.returncode).name}"
    return last_line(done.stderr) or f"exit code {done.returncode}"


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""
