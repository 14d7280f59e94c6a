"""Trials of programs that run beside, several at once: each has a site of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from gleancam.wire.topics import Topics
from gleancam_upstream.broker import Broker
from gleancam_upstream.conformance.score import Finding
from gleancam_upstream.conformance.trial import Trial

HERE = Path(__file__).parent
PATIENCE_S = 5.0

Protocol = Literal["5", "3.1.1"]
Try = Callable[[Trial, Callable[[Finding], None]], tuple[Finding, ...]]


def script(name: str, port: int, protocol: str, site: str, fault: str = "") -> list[str]:
    """Return the command line of a small consumer or device."""
    line = [sys.executable, str(HERE / name), f"--port={port}", f"--protocol={protocol}"]
    return [*line, f"--site={site}", f"--fault={fault}"]


def tried(  # noqa: PLR0913 - a trial is all of this
    attempt: Try,
    command: Sequence[str],
    port: int,
    protocol: Protocol,
    site: str,
    *,
    patience_s: float = PATIENCE_S,
    killed: Callable[[subprocess.Popen[bytes]], None] | None = subprocess.Popen.kill,
) -> tuple[Finding, ...]:
    """Start a program, try it, end it."""
    process = subprocess.Popen(command)
    try:
        trial = Trial(
            Broker("127.0.0.1", port, protocol=protocol),
            Topics("gleancam", site, "small"),
            patience_s,
            kill=None if killed is None else lambda: killed(process),
        )
        return attempt(trial, lambda _: None)
    finally:
        process.kill()
        process.wait()


def outcomes(findings: Sequence[Finding]) -> dict[str, str]:
    """Return outcome by rule."""
    return {one.rule: one.outcome for one in findings}


def broken(findings: Sequence[Finding]) -> dict[str, str]:
    """Return what was seen, by the rule that was broken."""
    return {one.rule: one.seen for one in findings if one.outcome == "failed"}
