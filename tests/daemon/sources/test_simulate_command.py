"""`gleancam simulate`, as a person and as a script use it."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gleancam.commands import simulate
from gleancam.errors import ConfigurationError, SourceError
from made_clips import make_clip

COMMAND = [sys.executable, "-m", "gleancam", "simulate"]


def _run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    simulate.configure(parser)
    return simulate.run(parser.parse_args(arguments))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_an_address_per_stream_and_ends_on_a_signal(
    tmp_path: Path, number: signal.Signals
) -> None:
    path = make_clip(tmp_path / "clip.mp4", frames=2)
    command = [*COMMAND, f"gate={path}", f"yard-2={path}", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        process.send_signal(number)
        assert process.wait(10) == 0
    address = f"rtsp://127.0.0.1:{told['port']}"
    assert told["urls"] == {"gate": f"{address}/gate", "yard-2": f"{address}/yard-2"}


@pytest.mark.parametrize("stream", ["nofile", "=x.mp4", "Gate=x.mp4", "a/b=x.mp4"])
def test_what_is_not_a_stream_is_refused(stream: str) -> None:
    with pytest.raises(ConfigurationError, match="NAME=FILE"):
        _run(stream)


def test_a_name_serves_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="of its own"):
        _run(f"gate={tmp_path}/a.mp4", f"gate={tmp_path}/b.mp4")


def test_a_missing_file_is_said_before_anyone_connects(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        _run(f"gate={tmp_path}/no.mp4")
    assert caught.value.kind == "missing_file"
