"""What is to be built, and building it: from a model's ONNX file to a plan in its store."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gleancam_engines.fetching.progress import Progress
from gleancam_engines.manifest import load
from gleancam_engines.precision import Precision
from gleancam_engines.trt.key import COMPILER, Flag, PlanKey
from gleancam_engines.trt.library import release
from gleancam_engines.trt.machine import machine
from gleancam_engines.trt.profiles import profiles, usable
from gleancam_engines.trt.record import Plan, digest, make_record
from gleancam_engines.trt.settings import Settings
from gleancam_engines.trt.storing import store_plan
from gleancam_engines.trt.target import Target
from gleancam_engines.trt.timing import read_timing, timing_path, write_timing
from gleancam_engines.trt.workspace import workspace_bytes

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be built.

    Attributes:
        directory: the model's.
        content: the ONNX bytes.
        key: what the plan will be.
        target: what builds it.
    """

    directory: Path
    content: bytes
    key: PlanKey
    target: Target


def make_job(
    directory: Path,
    target: Target,
    content: bytes,
    settings: Settings,
    *,
    precision: Precision,
    batches: Sequence[int],
) -> Job:
    """Say what the plan of a model will be; `content` is its ONNX file in `precision`.

    Raises:
        ManifestError: the manifest is missing or wrong.
        CompileError: the model does not take such batches.
    """
    fitting = usable(load(directory), batches)
    key = plan_key(content, target, settings, precision=precision, batches=fitting)
    return Job(directory, content, key, target)


def plan_key(
    content: bytes,
    target: Target,
    settings: Settings,
    *,
    precision: Precision,
    batches: Sequence[int],
) -> PlanKey:
    """Return the key of the plan that `content` becomes on `target`.

    Raises:
        CompileError: no such batches, or a version-compatible plan on a machine without an id.
    """
    major, _ = release(target.tensorrt)
    compatible, mib = settings.version_compatible, settings.workspace_mib
    return PlanKey(
        model_sha256=digest(content),
        tensorrt=str(major) if compatible else target.tensorrt,
        device=target.device.id,
        precision=precision,
        profiles=profiles(batches),
        workspace_bytes=mib << 20 if mib else workspace_bytes(target.device.memory_bytes),
        flags=_flags(precision, settings),
        compiler=COMPILER,
        kernels=target.kernels,
        machine=machine() if compatible else "",
    )


def _flags(precision: Precision, settings: Settings) -> tuple[Flag, ...]:
    exact: tuple[Flag, ...] = ("no_tf32",) if precision == "fp32" else ()
    compatible: tuple[Flag, ...] = ("version_compatible",) if settings.version_compatible else ()
    return exact + compatible


def build_job(job: Job, tell: Progress) -> Plan:
    """Build the plan and store it.

    No other process may build meanwhile: two at once would time each other.

    Raises:
        CompileError: it cannot be built or stored.
        CompileMemoryError: the device had too little memory free.
        BackendUnavailableError: there is no nvcc, or TensorRT cannot use the device.
    """
    target, name = job.target, job.directory.name
    # Quick to fail, so first.
    kernels = target.compile_kernels(target.device.compute_capability)
    path = timing_path(job.directory.parent, target.device.id, target.tensorrt)
    started = time.monotonic()
    built = target.build(job.content, job.key, name=name, timing=read_timing(path), tell=tell)
    _log.info(
        "%s: built for %s in %.0f s, %d MiB",
        name,
        target.device.id,
        time.monotonic() - started,
        len(built.plan) >> 20,
    )
    write_timing(path, built.timing)
    record = make_record(
        job.key, built.plan, kernels, tensorrt=target.tensorrt, built_ns=time.time_ns()
    )
    return store_plan(job.directory, record, built.plan, kernels)
