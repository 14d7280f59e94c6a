"""The device's primary context: one for the process, current only while it is used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from gleancam_engines.cuda._pycuda import load_pycuda, named_failures


class PrimaryContext:
    """What all engines of a process share, whichever thread runs them.

    CUDA knows a current context for each thread, and pycuda ends the process when a thread ends
    with one left over. So it is pushed before each use and popped after it, come what may. It is
    never released: TensorRT, through the runtime API, holds the same one until the process ends.

    Args:
        driver: the module `pycuda.driver`, initialised.

    Attributes:
        driver: as given.

    Raises:
        DeviceError: the context cannot be made.
    """

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        with named_failures(driver, "make a CUDA context"):
            self._context = driver.Device(0).retain_primary_context()

    @contextmanager
    def current(self, doing: str) -> Iterator[None]:
        """Make it the calling thread's current context within the block, which may be nested.

        All of pycuda's objects must be made, used and freed in such a block: outside of one, pycuda
        leaks what another thread made. `doing` says what could not be done when it fails.

        Raises:
            DeviceMemoryError: the device's memory is used up.
            DeviceError: any other error of the driver.
        """
        with named_failures(self.driver, doing):
            self._context.push()
            try:
                yield
            finally:
                self._context.pop()


@cache
def primary_context() -> PrimaryContext:
    """Return the one of the first device.

    Raises:
        BackendUnavailableError: no driver, no device, or no pycuda.
        DeviceError: the context cannot be made.
    """
    return PrimaryContext(load_pycuda())
