from __future__ import annotations

import io
import logging
import signal
import sys
from pathlib import Path

import pytest

from gleancam_engines.errors import (
    BackendUnavailableError,
    CompileError,
    CompileMemoryError,
    EngineError,
)
from gleancam_engines.fetching.progress import Progress, silent
from gleancam_engines.trt.apart import build_apart
from gleancam_engines.trt.build import Built
from gleancam_engines.trt.messages import Failed, Made, Message, Order, Told, receive, send
from made_plans import Builder, made_key

CHILD = Path(__file__).parents[1] / "build_child.py"
CONTENT = bytes(1 << 20)


def apart(*how: str, tell: Progress = silent) -> Built:
    command = (sys.executable, str(CHILD), *how)
    return build_apart(CONTENT, made_key(), name="made", timing=b"t", tell=tell, command=command)


def test_the_same_is_built_apart() -> None:
    told: list[tuple[str, int, int | None]] = []
    here = Builder()(CONTENT, made_key(), name="made", timing=b"t", tell=silent)
    assert apart("well", tell=lambda *what: told.append(what)) == here
    assert told == [("made fp16", 500, 1000)]


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        (["fail"], CompileMemoryError, r"^too little memory$"),
        (["raise"], CompileError, r"crashed \(exit code 1\)"),
        (["log"], CompileMemoryError, r"exit code 7; the last error was: TensorRT: out of memory"),
        (["signal", str(int(signal.SIGKILL))], CompileMemoryError, r"was ended \(SIGKILL\)"),
        (["signal", str(int(signal.SIGABRT))], CompileError, r"crashed \(SIGABRT\)"),
    ],
)
def test_how_a_build_may_end(how: list[str], error: type[EngineError], message: str) -> None:
    with pytest.raises(error, match=message) as raised:
        apart(*how)
    assert type(raised.value) is error


def test_what_is_logged_apart_is_logged_here(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(CompileMemoryError):
        apart("log")
    (record,) = caplog.records
    assert (record.levelno, record.message) == (logging.ERROR, "TensorRT: out of memory")


def test_a_command_that_ends_at_once() -> None:
    command = (sys.executable, "-c", "")
    with pytest.raises(CompileError, match=r"crashed \(exit code 0\)"):
        build_apart(CONTENT, made_key(), name="made", timing=b"", tell=silent, command=command)


def test_interrupted_while_it_is_told() -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apart("well", tell=interrupt)


def test_the_real_process_says_that_there_is_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here there is no driver; where there is one, it is told to show no device."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(BackendUnavailableError, match="NVIDIA driver"):
        build_apart(CONTENT, made_key(), name="made", timing=b"", tell=silent)


@pytest.mark.parametrize(
    "message",
    [
        Order(b"onnx", made_key(), "made", b""),
        Told("made", 1, None),
        Failed("CompileError", "no"),
        Made(b"plan", b"timing"),
    ],
    ids=lambda message: type(message).__name__,
)
def test_messages_survive_the_pipe(message: Message) -> None:
    pipe = io.BytesIO()
    send(pipe, message)
    whole = pipe.getvalue()
    assert receive(io.BytesIO(whole)) == message
    for length in range(len(whole)):
        assert receive(io.BytesIO(whole[:length])) is None
