"""Put a plan in its place: all of it or nothing, whatever is cut off.

A folder is written under another name, synced, and renamed. Names that begin with a dot are
unfinished or on their way out; the next store sweeps them up.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import msgspec

from gleancam_engines.durable import sync_directory
from gleancam_engines.errors import CompileError
from gleancam_engines.trt.locked import locked
from gleancam_engines.trt.record import KERNELS, KEY, PLAN, PLANS, Plan, PlanRecord


def store_plan(directory: Path, record: PlanRecord, plan: bytes, kernels: bytes) -> Plan:
    """Keep a plan that was just built, in place of one of the same key.

    Raises:
        CompileError: it cannot be written, and nothing of it is left.
    """
    plans = directory / PLANS
    files = {
        PLAN: plan,
        KERNELS: kernels,
        KEY: msgspec.json.format(msgspec.json.encode(record)),
    }
    try:
        plans.mkdir(exist_ok=True)
        with locked(plans):
            _write(plans, record.key.digest, files)
    except OSError as error:
        raise CompileError(
            f"{directory.name}: its plan of {len(plan)} bytes cannot be stored in {plans} "
            f"({error.strerror}); make room there, or give this user the right to write"
        ) from error
    return Plan(plans / record.key.digest, plan, record.key, record.sha256, kernels)


def _write(plans: Path, name: str, files: dict[str, bytes]) -> None:
    _sweep(plans)
    try:
        unfinished = _unfinished(plans, files)
        # A plan of the same key steps aside first: between the two renames there is none.
        if (plans / name).exists():
            (plans / name).rename(tempfile.mkdtemp(prefix=".old-", dir=plans))
        unfinished.rename(plans / name)
        sync_directory(plans)
    finally:
        _sweep(plans)


def _unfinished(plans: Path, files: dict[str, bytes]) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=plans))
    folder.chmod(0o755)
    for name, content in files.items():
        with (folder / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    sync_directory(folder)
    return folder


def _sweep(plans: Path) -> None:
    """Delete what is unfinished; the lock says that nobody is at it."""
    for path in plans.glob(".*"):
        shutil.rmtree(path, ignore_errors=True)
