"""A process that builds at once for the one that asked: `build_child.py HOW [NUMBER]`.

well      builds
fail      says that it cannot
raise     raises what no build should
log       logs an error, and ends with an exit code
signal N  ends itself
"""

from __future__ import annotations

import logging
import os
import sys

from gleancam_engines.errors import CompileMemoryError
from gleancam_engines.fetching.progress import Progress
from gleancam_engines.trt.build import Built
from gleancam_engines.trt.builder import serve
from gleancam_engines.trt.key import PlanKey
from made_plans import Builder

_log = logging.getLogger(__name__)


def build(content: bytes, key: PlanKey, *, name: str, timing: bytes, tell: Progress) -> Built:
    how = sys.argv[1]
    print("what a library prints")  # noqa: T201 - it must not be taken for an answer
    if how == "fail":
        raise CompileMemoryError("too little memory")
    if how == "raise":
        raise ZeroDivisionError
    if how == "log":
        _log.error("TensorRT: out of memory")
        sys.exit(7)
    if how == "signal":
        os.kill(os.getpid(), int(sys.argv[2]))
    return Builder()(content, key, name=name, timing=timing, tell=tell)


if __name__ == "__main__":
    serve(build)
