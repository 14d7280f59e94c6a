"""Which CUDA device this machine has, asked of the driver itself.

Without a driver, TensorRT's runtime ends the process at its first engine instead of raising
anything, and pycuda cannot be imported. So the driver is asked first, by nothing but ctypes; the
names and numbers are those of the CUDA driver API (cuda.h).
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass

from gleancam_engines.cuda.failures import driver_cure
from gleancam_engines.errors import BackendUnavailableError

LIBRARY = "libcuda.so.1"

_COMPUTE_CAPABILITY_MAJOR = 75
_COMPUTE_CAPABILITY_MINOR = 76
_NAME_BYTES = 256


@dataclass(frozen=True, slots=True)
class Device:
    """A GPU.

    Attributes:
        name: as the driver gives it, such as `Orin` or `NVIDIA H200`.
        compute_capability: major and minor; `(8, 7)` is sm_87.
        memory_bytes: all of it, used or not; on a Jetson it is also the CPU's.
        driver: the newest CUDA that the driver runs, such as `12.6`.
    """

    name: str
    compute_capability: tuple[int, int]
    memory_bytes: int
    driver: str

    @property
    def id(self) -> str:
        """The name without the maker's, and the compute capability: `orin-sm87`."""
        words = re.findall("[a-z0-9]+", self.name.lower())
        major, minor = self.compute_capability
        return "-".join([*(word for word in words if word != "nvidia"), f"sm{major}{minor}"])


def probe(library: str = LIBRARY) -> Device:
    """Return the first device that the driver shows (`CUDA_VISIBLE_DEVICES` chooses it).

    Args:
        library: file name of the driver, which the dynamic linker looks for.

    Raises:
        BackendUnavailableError: there is no driver, no device, or the driver fails.
    """
    driver = _Driver(library)
    driver.call("cuInit", ctypes.c_uint(0))
    if not driver.number("cuDeviceGetCount"):
        raise _failure("cuDeviceGetCount", 100)
    device = ctypes.c_int(driver.number("cuDeviceGet", ctypes.c_int(0)))
    return Device(
        name=_name(driver, device),
        compute_capability=(
            driver.number("cuDeviceGetAttribute", _COMPUTE_CAPABILITY_MAJOR, device),
            driver.number("cuDeviceGetAttribute", _COMPUTE_CAPABILITY_MINOR, device),
        ),
        memory_bytes=_memory_bytes(driver, device),
        driver=_version(driver.number("cuDriverGetVersion")),
    )


class _Driver:
    """The driver's library; every call is held to have succeeded."""

    def __init__(self, library: str) -> None:
        try:
            self._library = ctypes.CDLL(library)
        except OSError as error:
            raise BackendUnavailableError(
                f"no NVIDIA driver: {library} cannot be loaded ({error}); install the driver (a "
                "Jetson brings it; in a container run with '--runtime nvidia' or '--gpus all'), or "
                "set backend = 'onnxruntime'"
            ) from error

    def call(self, name: str, *arguments: object) -> None:
        """Call a function of the driver.

        Raises:
            BackendUnavailableError: the driver has no such function, or it returned an error.
        """
        try:
            function = getattr(self._library, name)
        except AttributeError as error:
            raise BackendUnavailableError(
                f"the NVIDIA driver has no {name}; install a current driver"
            ) from error
        if code := function(*arguments):
            raise _failure(name, code)

    def number(self, name: str, *arguments: object) -> int:
        """Call a function that writes an `int` to its first argument, and return it."""
        out = ctypes.c_int()
        self.call(name, ctypes.byref(out), *arguments)
        return out.value


def _name(driver: _Driver, device: ctypes.c_int) -> str:
    out = ctypes.create_string_buffer(_NAME_BYTES)
    driver.call("cuDeviceGetName", out, ctypes.c_int(_NAME_BYTES), device)
    return out.value.decode("utf-8", "replace")


def _memory_bytes(driver: _Driver, device: ctypes.c_int) -> int:
    out = ctypes.c_size_t()
    driver.call("cuDeviceTotalMem_v2", ctypes.byref(out), device)
    return out.value


def _version(number: int) -> str:
    """Write 12060 as 12.6."""
    return f"{number // 1000}.{number % 1000 // 10}"


def _failure(call: str, code: int) -> BackendUnavailableError:
    return BackendUnavailableError(
        f"the NVIDIA driver cannot be used: {call} says {driver_cure(code)}"
    )
