"""Build a plan in a process of its own, which takes its memory and its crashes with it.

A builder may need gigabytes, and a library that runs out of memory may end its process; neither may
happen to a daemon. The kernel, too, is told to end the builder first.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import BinaryIO, cast

from gleancam_engines.errors import CompileError, CompileMemoryError
from gleancam_engines.fetching.progress import Progress
from gleancam_engines.trt.build import Built
from gleancam_engines.trt.failures import is_memory
from gleancam_engines.trt.key import PlanKey
from gleancam_engines.trt.messages import FAILURES, Failed, Logged, Made, Order, Told, receive, send

COMMAND = (sys.executable, "-m", "gleancam_engines.trt.builder")

_log = logging.getLogger(__name__)


def build_apart(
    content: bytes,
    key: PlanKey,
    *,
    name: str,
    timing: bytes,
    tell: Progress,
    command: Sequence[str] = COMMAND,
) -> Built:
    """Build the plan that `key` describes; as `build.build_plan`, in another process.

    Raises:
        EngineError: as `build.build_plan`; CompileError or CompileMemoryError also if the process
            crashed.
    """
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        stdin, stdout = cast("BinaryIO", process.stdin), cast("BinaryIO", process.stdout)
        try:
            _give(stdin, Order(content, key, name, timing))
            answer, last = _listen(stdout, tell)
            if answer is None:
                process.wait()
        finally:
            process.kill()  # it has nothing more to do, whatever was raised here
    if answer is None:
        raise _crash(process.returncode, last, name)
    if isinstance(answer, Failed):
        raise FAILURES[answer.kind](answer.text)
    return Built(answer.plan, answer.timing)


def _give(pipe: BinaryIO, order: Order) -> None:
    # If it has ended already, how it ended is more telling than the broken pipe.
    with suppress(BrokenPipeError), pipe:
        send(pipe, order)


def _listen(pipe: BinaryIO, tell: Progress) -> tuple[Made | Failed | None, str]:
    """Return the answer, None if the process ended without one, and the last error it logged."""
    last = ""
    while message := receive(pipe):
        if isinstance(message, Made | Failed):
            return message, last
        if isinstance(message, Told):
            tell(message.what, message.done, message.total)
        if isinstance(message, Logged):
            _log.log(message.level, "%s", message.text)
            last = message.text if message.level >= logging.ERROR else last
    return None, last


def _crash(returncode: int, last: str, name: str) -> CompileError:
    how = signal.Signals(-returncode).name if returncode < 0 else f"exit code {returncode}"
    said = f"{how}; the last error was: {last}" if last else how
    if returncode == -signal.SIGKILL or is_memory(last):
        return CompileMemoryError(
            f"{name}: the process that compiled it was ended ({said}), most likely for want of "
            "memory; stop what else uses it (gleancam itself), or compile for smaller batches "
            "(--batch)"
        )
    return CompileError(
        f"{name}: the process that compiled it crashed ({said}); it may have run out of memory: "
        "stop what else uses it, try another precision, or set backend = 'onnxruntime'"
    )
