"""Find the plan that a model needs here, which was built before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gleancam_engines.manifest import load
from gleancam_engines.precision import Precision
from gleancam_engines.trt.job import make_job
from gleancam_engines.trt.plans import load_plan
from gleancam_engines.trt.record import Plan
from gleancam_engines.trt.settings import read_settings
from gleancam_engines.trt.target import Target, this_device
from gleancam_engines.variants import read_variant


def open_plan(
    directory: Path,
    *,
    precision: Precision,
    batches: Sequence[int],
    target: Target | None = None,
) -> Plan:
    """Return the plan of a model directory; never build it, as `compile.prepare_plan` does.

    Raises:
        PlanError: it is missing, or was damaged or another's and is deleted.
        BackendUnavailableError: no driver, no device, no TensorRT, or one of another version.
        ManifestError: the manifest is missing or wrong.
        ModelFileError: the ONNX file is missing, damaged or of another hash.
        CompileError: the model does not take such batches.
    """
    here = target or this_device()
    content = read_variant(directory, load(directory), precision)
    settings = read_settings(directory)
    job = make_job(directory, here, content, settings, precision=precision, batches=batches)
    return load_plan(directory, job.key)
