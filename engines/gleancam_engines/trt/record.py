"""What lies beside a plan: its key, and the hashes of the files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from gleancam_engines.errors import PlanError
from gleancam_engines.trt.key import PlanKey

PLANS = "plans"
PLAN = "plan.engine"
KEY = "key.json"
KERNELS = "kernels.cubin"


class PlanRecord(msgspec.Struct, frozen=True):
    """The content of `key.json`.

    Attributes:
        sha256: of the plan.
        size_bytes: of the plan.
        kernels_sha256: of the compiled preprocessing kernels.
        tensorrt: the version that built it, in full.
        built_ns: when it was stored, UTC nanoseconds.
    """

    key: PlanKey
    sha256: str
    size_bytes: int
    kernels_sha256: str
    tensorrt: str
    built_ns: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan whose key and hashes were checked.

    Attributes:
        path: its folder, where its receipt goes too.
        content: the serialised plan.
        key: what it was built from.
        sha256: of `content`.
        kernels: the compiled preprocessing kernels (a cubin).
    """

    path: Path
    content: bytes
    key: PlanKey
    sha256: str
    kernels: bytes


def make_record(
    key: PlanKey, plan: bytes, kernels: bytes, *, tensorrt: str, built_ns: int
) -> PlanRecord:
    """Describe a plan that was just built."""
    return PlanRecord(key, digest(plan), len(plan), digest(kernels), tensorrt, built_ns)


def digest(content: bytes) -> str:
    """Return the sha256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def read_record(folder: Path) -> PlanRecord:
    """Read the record of a plan's folder.

    Raises:
        PlanError: it is missing or no record.
    """
    try:
        return msgspec.json.decode((folder / KEY).read_bytes(), type=PlanRecord)
    except (OSError, msgspec.DecodeError) as error:
        raise PlanError(f"{folder / KEY} cannot be read ({error})") from error


def read_plan(folder: Path, key: PlanKey) -> Plan:
    """Read a plan and hold it against its record and the key that is asked for.

    Raises:
        PlanError: it is another plan, or a file of it is missing or damaged.
    """
    record = read_record(folder)
    if differences := key.differences(record.key):
        raise PlanError(f"{folder} holds another plan: {'; '.join(differences)}")
    plan = _read(folder / PLAN, record.sha256)
    kernels = _read(folder / KERNELS, record.kernels_sha256)
    return Plan(folder, plan, key, record.sha256, kernels)


def _read(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PlanError(f"{path} cannot be read ({error.strerror})") from error
    if digest(content) != sha256:
        raise PlanError(
            f"{path} is damaged: its sha256 is {digest(content)[:12]}…, not {sha256[:12]}…"
        )
    return content
