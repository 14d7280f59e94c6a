"""From a model directory to a TensorRT plan for this device: loaded, or built when it has to be.

Building takes seconds to many minutes and all of the device, so it is done by `gleancam models
compile` or before a daemon's first frame, by one process at a time, and never by an engine.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from gleancam_engines.errors import PlanError
from gleancam_engines.fetching.progress import Progress, silent
from gleancam_engines.planes import Planes
from gleancam_engines.precision import Precision
from gleancam_engines.trt.job import build_job, make_job
from gleancam_engines.trt.locked import locked
from gleancam_engines.trt.plans import load_plan
from gleancam_engines.trt.record import Plan
from gleancam_engines.trt.target import Target, this_device

_log = logging.getLogger(__name__)


def prepare_plan(
    directory: Path,
    *,
    precision: Precision,
    batches: Sequence[int],
    pictures: Sequence[Planes] = (),
    tell: Progress = silent,
    target: Target | None = None,
) -> Plan:
    """Return the plan of a model directory, and build it if it is missing, damaged or another's.

    Args:
        directory: the model's; its parent holds the timings of the device.
        precision: what the plan computes in.
        batches: sizes of batches that will be given.
        pictures: of the site, to calibrate int8 with where its ONNX file is not made yet.
        tell: told of the progress of a build.
        target: the device; None: this machine's.

    Raises:
        BackendUnavailableError: no driver, no device, no TensorRT, one of another version, no nvcc.
        ManifestError: the manifest is missing or wrong.
        ModelFileError: the ONNX file is missing, damaged or of another hash.
        CompileError: it cannot be built or stored.
        CompileMemoryError: the device had too little memory free.
    """
    job = make_job(
        directory, target or this_device(), precision=precision, batches=batches, pictures=pictures
    )
    try:
        return load_plan(directory, job.key)
    except PlanError as error:
        _log.info("%s: it is built now, since %s", directory.name, error)
    with locked(directory.parent, waiting=lambda: _say_waiting(tell)):
        try:
            return load_plan(directory, job.key)  # another process may have built it meanwhile
        except PlanError:
            return build_job(job, tell)


def compile_model(
    directory: Path,
    *,
    precision: Precision,
    batches: Sequence[int],
    pictures: Sequence[Planes] = (),
    tell: Progress = silent,
    target: Target | None = None,
) -> Plan:
    """Build the plan of a model directory, also where there is one; see `prepare_plan`.

    Raises:
        EngineError: as `prepare_plan`.
    """
    job = make_job(
        directory, target or this_device(), precision=precision, batches=batches, pictures=pictures
    )
    with locked(directory.parent, waiting=lambda: _say_waiting(tell)):
        return build_job(job, tell)


def open_plan(
    directory: Path,
    *,
    precision: Precision,
    batches: Sequence[int],
    target: Target | None = None,
) -> Plan:
    """Return the plan of a model directory; never build it.

    Raises:
        PlanError: it is missing, or was damaged or another's and is deleted.
        EngineError: otherwise as `prepare_plan`.
    """
    job = make_job(directory, target or this_device(), precision=precision, batches=batches)
    return load_plan(directory, job.key)


def _say_waiting(tell: Progress) -> None:
    tell("waiting for another process that compiles", 0, None)
