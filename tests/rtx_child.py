"""A process that builds with TensorRT-RTX for the one that asked: `rtx_child.py [HOW VALUE]`.

stop      sleeps in the middle of the build, after it has said how far it is
memory N  may take N MiB more of address space for the build
signal N  ends itself in the middle of the build
"""

from __future__ import annotations

import os
import resource
import sys
import time
import warnings
from pathlib import Path

import tensorrt_rtx_bindings as trt

from gleancam_engines.fetching.progress import Progress
from gleancam_engines.trt.build import Built, build_plan
from gleancam_engines.trt.builder import serve
from gleancam_engines.trt.key import PlanKey

MIDDLE = 100


def limit_memory(mib: int) -> None:
    used_pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])
    limit = used_pages * resource.getpagesize() + (mib << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def build(content: bytes, key: PlanKey, *, name: str, timing: bytes, tell: Progress) -> Built:
    how, value = (sys.argv[1], int(sys.argv[2])) if len(sys.argv) > 2 else ("", 0)
    if how == "memory":
        limit_memory(value)

    def middle(what: str, done: int, total: int | None) -> None:
        tell(what, done, total)
        if done > MIDDLE and how == "stop":
            time.sleep(value)
        if done > MIDDLE and how == "signal":
            os.kill(os.getpid(), value)

    return build_plan(trt, content, key, name=name, timing=timing, tell=middle)


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    serve(build)
