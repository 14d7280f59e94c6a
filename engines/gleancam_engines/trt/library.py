"""TensorRT enters here and nowhere else, when a plan is first built or run."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

from gleancam_engines.cuda.driver import probe
from gleancam_engines.errors import BackendUnavailableError

OLDEST = (10, 3)
BEFORE = (12, 0)
"""What JetPack 6.1 to 7.2 bring; the calls used here are those that all of them have."""

_JETSON = Path("/etc/nv_tegra_release")


def load_tensorrt() -> Any:
    """Return the `tensorrt` module.

    The driver is asked first: without one, TensorRT's runtime ends the process at its first engine.

    Raises:
        BackendUnavailableError: no driver, no device, no TensorRT, or one of another version.
    """
    probe()
    _keep_exceptions_whole()
    try:
        import tensorrt as trt
    except (ImportError, OSError) as error:  # OSError: its shared libraries are not found
        raise BackendUnavailableError(
            f"TensorRT cannot be imported ({error}); {_cure()}"
        ) from error
    check_release(trt.__version__)
    return trt


def release(version: str) -> tuple[int, int]:
    """Return major and minor of a version such as `10.16.1.11`."""
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def check_release(version: str) -> None:
    """Refuse a TensorRT whose calls are not those used here.

    Raises:
        BackendUnavailableError: it is older than 10.3, or 12 or newer.
    """
    if not OLDEST <= release(version) < BEFORE:
        raise BackendUnavailableError(
            f"TensorRT {version} is installed, but 10.3 to 11.x is needed; {_cure()}"
        )


def _keep_exceptions_whole() -> None:
    """Let TensorRT's C++ exceptions be unwound by the library that raised them.

    GStreamer brings libunwind into the global scope, whose `_Unwind_Resume` then stands before that
    of libgcc: an exception that libgcc began and libunwind resumes ends the process. First come,
    first found, and either of the two may be asked for first.
    """
    ctypes.CDLL("libgcc_s.so.1", mode=ctypes.RTLD_GLOBAL)


def _cure() -> str:
    if _JETSON.exists():
        return (
            "on a Jetson it comes with JetPack: 'apt-get install python3-libnvinfer', and make the "
            "virtual environment with '/usr/bin/python3 -m venv --system-site-packages'"
        )
    return "run 'pip install tensorrt-cu13' (or tensorrt-cu12 where the driver is of CUDA 12)"
