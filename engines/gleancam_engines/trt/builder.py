"""The process that builds one plan and ends: `python -m gleancam_engines.trt.builder`."""

from __future__ import annotations

import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from gleancam_engines.trt.build import build_plan
from gleancam_engines.trt.library import load_tensorrt
from gleancam_engines.trt.messages import (
    FAILURES,
    Failed,
    Logged,
    Made,
    Message,
    Order,
    Told,
    receive,
    send,
)
from gleancam_engines.trt.target import Build

_FIRST_TO_GO = "1000"


class _Sender(logging.Handler):
    """Sends what is logged here to where it is read."""

    def __init__(self, pipe: BinaryIO) -> None:
        super().__init__()
        self._pipe = pipe

    def emit(self, record: logging.LogRecord) -> None:
        send(self._pipe, Logged(record.levelno, record.getMessage()))


def serve(build: Build) -> None:
    """Read an order from stdin, build it, and answer on what was stdout."""
    # Ctrl-C goes to both processes; the other one decides, and its end of the pipe is noticed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Where memory runs out, the kernel is to end this process and not what runs beside it.
    with suppress(OSError):  # a container may forbid it, and it is no condition
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO, encoding="ascii")
    answers = _answers()
    logging.basicConfig(level=logging.INFO, handlers=[_Sender(answers)])
    order = receive(sys.stdin.buffer)
    if isinstance(order, Order):
        send(answers, _answer(build, order, answers))


def _answers() -> BinaryIO:
    """Take stdout for answers, and send to stderr what a library prints there."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _answer(build: Build, order: Order, answers: BinaryIO) -> Message:
    def tell(what: str, done: int, total: int | None) -> None:
        send(answers, Told(what, done, total))

    try:
        built = build(order.content, order.key, name=order.name, timing=order.timing, tell=tell)
    except tuple(FAILURES.values()) as error:
        return Failed(type(error).__name__, str(error))
    return Made(built.plan, built.timing)


def main() -> None:
    """Build with TensorRT."""
    serve(lambda content, key, **more: build_plan(load_tensorrt(), content, key, **more))


if __name__ == "__main__":
    main()
