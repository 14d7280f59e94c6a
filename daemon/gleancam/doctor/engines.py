"""What runs the models: asked of the driver and of Python's index of packages, nothing imported."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

from gleancam.config.keys import Config
from gleancam.doctor.finding import Finding, fail, ok, warn
from gleancam_engines.choice import Choice, Probed, choose, probe_machine
from gleancam_engines.errors import BackendUnavailableError
from gleancam_engines.opening import require_precision

PART = "engine"
JETPACK = (
    "on a Jetson: apt-get install python3-libnvinfer, and a venv with --system-site-packages; "
    "elsewhere: pip install tensorrt-cu13"
)
PYCUDA = "with the CUDA toolkit's nvcc on PATH: pip install 'gleancam[tensorrt]'"
OPENVINO = "pip install 'gleancam[openvino]'"


def examine(config: Config) -> Iterator[Finding]:
    """Say which backend is used, and whether all that it needs is there."""
    probed = probe_machine()
    choice = chosen(config, probed)
    try:
        require_precision(choice.backend, config.models.precision)
    except BackendUnavailableError as error:
        yield _split(str(error))
        return
    if choice.regretted:
        yield warn(PART, f"{choice.backend}, since {choice.why}", JETPACK)
    else:
        yield ok(PART, f"{choice.backend} in {config.models.precision}: {choice.why}")
    if choice.backend == "tensorrt":
        yield from _tensorrt(probed)
    if choice.backend == "openvino" and not _has("openvino"):
        yield fail(PART, "openvino is not installed", OPENVINO)


def chosen(config: Config, probed: Probed) -> Choice:
    """Return what the configuration comes to on a machine."""
    if config.models.backend != "auto":
        return Choice(config.models.backend, "the configuration says so")
    return choose(probed)


def _tensorrt(probed: Probed) -> Iterator[Finding]:
    if probed.device is None:
        yield _split(probed.trouble)
    else:
        device = probed.device
        memory = f"{device.memory_bytes / 2**30:.0f} GiB, driver for CUDA {device.driver}"
        yield ok(PART, f"{device.id}, {memory}")
    if not probed.has_tensorrt:
        yield fail(PART, "TensorRT's Python package is not installed", JETPACK)
    if not _has("pycuda"):
        yield fail(PART, "pycuda is not installed", PYCUDA)


def _split(text: str) -> Finding:
    """Make a finding of an error's text, `what; cure`."""
    what, _, cure = text.partition("; ")
    return fail(PART, what, cure)


def _has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
