"""A process that is cut off while it stores a plan.

plan_child.py MODEL kill N       killed like with kill -9 at its N-th fsync
plan_child.py MODEL limit BYTES  no file may be longer, as on a full disk
plan_child.py MODEL build LOG    builds it slowly, and writes a line to LOG if it built
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from pathlib import Path

from gleancam_engines.compile import prepare_plan
from gleancam_engines.errors import CompileError
from gleancam_engines.trt.storing import store_plan
from made_plans import CUBIN, Builder, made_key, made_plan_record, made_target

PLAN = bytes(1_000_000)
SLOWLY_S = 0.5


def kill_at(number: int) -> None:
    real, calls = os.fsync, [0]

    def fsync(descriptor: int) -> None:
        calls[0] += 1
        if calls[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)
        real(descriptor)

    os.fsync = fsync  # type: ignore[assignment] # it is called with descriptors alone


def store(model: Path) -> None:
    key = made_key()
    try:
        store_plan(model, made_plan_record(key, PLAN), PLAN, CUBIN)
    except CompileError as error:
        sys.stdout.write(f"{error}\n")


def build(model: Path, log: Path) -> None:
    def meanwhile() -> None:
        time.sleep(SLOWLY_S)
        with log.open("a") as file:
            file.write("built\n")

    target = made_target(Builder(meanwhile))
    plan = prepare_plan(model, precision="fp32", batches=(1, 8), target=target)
    sys.stdout.write(f"{plan.sha256}\n")


def main() -> None:
    model, how, value = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    if how == "build":
        build(model, Path(value))
        return
    if how == "kill":
        kill_at(int(value))
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(value), int(value)))
    store(model)


if __name__ == "__main__":
    main()
