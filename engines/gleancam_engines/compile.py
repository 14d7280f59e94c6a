"""From a model directory to a TensorRT plan for this device: loaded, or built when it has to be.

Building takes seconds to many minutes and all of the device, so it is done by `gleancam models
compile` or before a daemon's first frame, by one process at a time, and never by an engine.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gleancam_engines.errors import PlanError
from gleancam_engines.fetching.progress import Progress, silent
from gleancam_engines.manifest import load
from gleancam_engines.planes import Planes
from gleancam_engines.precision import Precision
from gleancam_engines.reduce import ensure_variant
from gleancam_engines.trt.job import build_job, make_job
from gleancam_engines.trt.locked import locked
from gleancam_engines.trt.plans import load_plan, prune
from gleancam_engines.trt.record import Plan
from gleancam_engines.trt.settings import Settings, read_settings, write_settings
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
        PictureError: int8 has to be calibrated, and the pictures do not suffice.
        CompileError: it cannot be built or stored.
        PlanError: an older plan cannot be deleted.
        CompileMemoryError: the device had too little memory free.
    """
    here = target or this_device()
    content = ensure_variant(directory, load(directory), precision, pictures, tell)
    settings = read_settings(directory)
    job = make_job(directory, here, content, settings, precision=precision, batches=batches)
    try:
        return load_plan(directory, job.key)
    except PlanError as error:
        _log.info("%s: it is built now, since %s", directory.name, error)
    with _turn(directory, tell):
        try:
            return load_plan(directory, job.key)  # another process may have built it meanwhile
        except PlanError:
            plan = build_job(job, tell)
    for old in prune(directory):
        _log.info("%s: its older plan %s was deleted", directory.name, old.key.digest)
    return plan


def compile_model(
    directory: Path,
    *,
    precision: Precision,
    batches: Sequence[int],
    pictures: Sequence[Planes] = (),
    settings: Settings | None = None,
    tell: Progress = silent,
    target: Target | None = None,
) -> Plan:
    """Build the plan of a model directory, also where there is one; see `prepare_plan`.

    `settings` say how, from now on; None: as was set before.

    Raises:
        EngineError: as `prepare_plan`.
    """
    here = target or this_device()
    content = ensure_variant(directory, load(directory), precision, pictures, tell)
    chosen = settings or read_settings(directory)
    job = make_job(directory, here, content, chosen, precision=precision, batches=batches)
    with _turn(directory, tell):
        plan = build_job(job, tell)
        if settings is not None:
            write_settings(directory, settings)
        return plan


@contextmanager
def _turn(directory: Path, tell: Progress) -> Iterator[None]:
    """Build while no other process does: two at once would time each other."""
    with locked(
        directory.parent, lambda: tell("waiting for another process that compiles", 0, None)
    ):
        yield
