"""pycuda, the driver's API for Python. The only file that imports it, and only when a GPU is used.

Its errors become ours here. Its classes `MemoryError` and `RuntimeError` are its own and not the
language's, so that nobody can catch them without the module.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gleancam_engines.cuda.driver import probe
from gleancam_engines.errors import BackendUnavailableError, DeviceError, DeviceMemoryError


def load_pycuda() -> Any:
    """Return the module `pycuda.driver`, initialised.

    Raises:
        BackendUnavailableError: no driver, no device, or pycuda is missing or does not fit.
        DeviceError: the device cannot be initialised.
    """
    probe()
    try:
        from pycuda import driver
    except ImportError as error:
        raise BackendUnavailableError(
            f"pycuda cannot be imported ({error}); with the CUDA toolkit's nvcc on PATH run "
            "'pip install gleancam[tensorrt]', in the environment that gleancam runs in"
        ) from error
    with named_failures(driver, "initialise the GPU"):
        driver.init()
    return driver


@contextmanager
def named_failures(driver: Any, doing: str) -> Iterator[None]:
    """Turn pycuda's errors within the block into ours; `doing` says what could not be done.

    Raises:
        DeviceMemoryError: the device's, or page-locked, memory is used up.
        DeviceError: any other error of the driver.
    """
    try:
        yield
    except driver.MemoryError as error:
        raise DeviceMemoryError(
            f"cannot {doing}: the GPU's memory is used up ({error}); stop what else uses the "
            "device, or use fewer or smaller models, or smaller batches"
        ) from error
    except driver.Error as error:
        raise DeviceError(
            f"cannot {doing}: {error}; restart gleancam, and if it comes again look for 'NVRM' or "
            "'nvgpu' in 'dmesg'"
        ) from error
