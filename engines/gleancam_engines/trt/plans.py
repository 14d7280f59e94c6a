"""The plans of a model on disk: `plans/<digest of the key>/`, each folder whole or not there.

plan.engine    the serialised plan
kernels.cubin  preprocessing, compiled for the same device
key.json       what it was built from, and the hashes of both (`record.PlanRecord`)
receipt.json   that it was verified; it goes when the plan goes
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

from gleancam_engines.errors import PlanError
from gleancam_engines.trt.key import PlanKey
from gleancam_engines.trt.locked import locked
from gleancam_engines.trt.record import KEY, PLANS, Plan, PlanRecord, read_plan, read_record

KEEP = 2
"""Plans of each precision that stay: the newest and the one before it, to which one may go back."""


def load_plan(directory: Path, key: PlanKey) -> Plan:
    """Return the plan of a model directory that was built from `key`.

    A damaged or foreign plan is deleted, with its receipt.

    Raises:
        PlanError: it is not there, or was damaged or foreign; says in what.
    """
    folder = directory / PLANS / key.digest
    if not folder.is_dir():
        raise PlanError(f"{directory.name}: {_missing(directory, key)}; {_again(directory, key)}")
    with locked(folder.parent):
        try:
            return read_plan(folder, key)
        except PlanError as error:
            raise PlanError(f"{error}; {_delete(folder)}; {_again(directory, key)}") from error


def discard(plan: Plan) -> str:
    """Delete a plan that TensorRT does not take; say what came of it, and how to have another.

    One that was built in its place meanwhile stays.
    """
    directory = plan.path.parent.parent
    with locked(plan.path.parent):
        record = _record(plan.path)
        replaced = record is None or record.sha256 != plan.sha256
        came = "it was replaced meanwhile" if replaced else _delete(plan.path)
    return f"{came}; {_again(directory, plan.key)}"


def stored(directory: Path) -> tuple[PlanRecord, ...]:
    """Return the records of all plans of a model, newest first; unreadable ones are left out."""
    records = (_record(path.parent) for path in (directory / PLANS).glob(f"[!.]*/{KEY}"))
    return tuple(sorted(filter(None, records), key=lambda record: -record.built_ns))


def prune(directory: Path, keep: int = KEEP) -> tuple[PlanRecord, ...]:
    """Delete all but the newest `keep` plans of each precision, and return what was deleted.

    A running engine does not need its files any more.

    Raises:
        PlanError: one cannot be deleted.
    """
    seen: Counter[str] = Counter()
    deleted = []
    with locked(directory / PLANS):
        for record in stored(directory):
            seen[record.key.precision] += 1
            if seen[record.key.precision] > keep:
                _prune(directory / PLANS / record.key.digest)
                deleted.append(record)
    return tuple(deleted)


def _prune(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise PlanError(f"{folder} is old and cannot be deleted ({error.strerror})") from error


def _delete(folder: Path) -> str:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        return f"it cannot be deleted ({error.strerror})"
    return "it was deleted"


def _record(folder: Path) -> PlanRecord | None:
    try:
        return read_record(folder)
    except PlanError:
        return None  # whoever asks for this very plan deletes it


def _missing(directory: Path, key: PlanKey) -> str:
    """Say that there is no such plan, and in what the nearest one differs."""
    others = sorted((key.differences(record.key) for record in stored(directory)), key=len)
    if not others:
        return f"it was not compiled for {key.device}, {key.precision}"
    return f"no plan fits; in the nearest, {'; '.join(others[0])}"


def _again(directory: Path, key: PlanKey) -> str:
    return (
        f"run 'gleancam models compile {directory.name} --precision {key.precision} "
        f"--batch {key.batches}'"
    )
