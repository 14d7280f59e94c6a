"""What `backend = "auto"` takes on this machine, and why. Once taken, nothing falls back."""

from __future__ import annotations

import importlib.util
import logging
from dataclasses import dataclass, replace

from gleancam_engines.cuda.driver import Device, probe
from gleancam_engines.errors import BackendUnavailableError
from gleancam_engines.opening import Backend, Opening, require_precision

TENSORRT_PACKAGE = "tensorrt"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Probed:
    """What a machine has.

    Attributes:
        device: the GPU that the NVIDIA driver shows; None without one.
        trouble: why there is none: an error's text, `what; cure`.
        has_tensorrt: whether its package is installed; it is not imported to see that.
    """

    device: Device | None
    trouble: str
    has_tensorrt: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A backend.

    Attributes:
        why: a clause that says what was found.
        regretted: whether the machine could do better if something were installed.
    """

    backend: Backend
    why: str
    regretted: bool = False


def choose(probed: Probed) -> Choice:
    """Return TensorRT where a GPU answers and TensorRT is installed, else ONNX Runtime."""
    if probed.device is None:
        return Choice("onnxruntime", probed.trouble.partition(";")[0])
    if probed.has_tensorrt:
        return Choice("tensorrt", f"the GPU {probed.device.id} and TensorRT are there")
    return Choice(
        "onnxruntime",
        f"the GPU {probed.device.id} answers, but Python finds no package {TENSORRT_PACKAGE}: "
        "see 'gleancam doctor'",
        regretted=True,
    )


def probe_machine() -> Probed:
    """Look at this machine: ask the driver, and look for TensorRT without importing it."""
    device, trouble = None, ""
    try:
        device = probe()
    except BackendUnavailableError as error:
        trouble = str(error)
    return Probed(device, trouble, importlib.util.find_spec(TENSORRT_PACKAGE) is not None)


def settle(opening: Opening) -> Opening:
    """Replace `auto` by what is taken here, and log it; leave any other backend.

    Raises:
        BackendUnavailableError: what is taken does not compute in the precision.
    """
    if opening.backend != "auto":
        return opening
    choice = choose(probe_machine())
    level = logging.WARNING if choice.regretted else logging.INFO
    _log.log(level, "backend %s is taken: %s", choice.backend, choice.why)
    require_precision(choice.backend, opening.precision)
    return replace(opening, backend=choice.backend)
