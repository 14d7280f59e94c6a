"""What plans are built for and by: this device, its TensorRT, its kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gleancam_engines.cuda.driver import Device, probe
from gleancam_engines.fetching.progress import Progress
from gleancam_engines.kernels.build import build_cubin, source_sha256
from gleancam_engines.trt.apart import build_apart
from gleancam_engines.trt.build import Built
from gleancam_engines.trt.key import PlanKey
from gleancam_engines.trt.library import load_tensorrt


class Build(Protocol):
    """`build.build_plan` with its module given."""

    def __call__(
        self, content: bytes, key: PlanKey, *, name: str, timing: bytes, tell: Progress
    ) -> Built:
        """Build the plan that `key` describes."""


class Compile(Protocol):
    """`kernels.build.build_cubin`."""

    def __call__(self, compute_capability: tuple[int, int]) -> bytes:
        """Compile the preprocessing kernels for a device."""


@dataclass(frozen=True, slots=True)
class Target:
    """A device with what compiles for it.

    Attributes:
        device: the GPU.
        tensorrt: version of the library, in full.
        build: from ONNX to a plan.
        compile_kernels: from the kernels' source to a cubin.
        kernels: hash of that source.
    """

    device: Device
    tensorrt: str
    build: Build
    compile_kernels: Compile
    kernels: str


def this_device() -> Target:
    """Return what compiles for the GPU of this machine.

    Raises:
        BackendUnavailableError: no driver, no device, no TensorRT, or one of another version.
    """
    device = probe()
    version = load_tensorrt().__version__
    return Target(device, version, build_apart, build_cubin, source_sha256()[:16])
