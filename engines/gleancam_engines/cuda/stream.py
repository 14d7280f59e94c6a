"""One queue of work on the device."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from gleancam_engines.kernels.launch import Extent


class Stream:
    """Copies, kernels and inference, done in the order in which they are asked for.

    Made, used and freed while the context is current. Nothing here waits but `wait`.

    Args:
        driver: the module `pycuda.driver`.
    """

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._stream: Any = driver.Stream()
        # Waiting for an event of this kind sleeps; waiting for a stream keeps a core busy.
        flags = driver.event_flags
        self._done: Any = driver.Event(int(flags.BLOCKING_SYNC) | int(flags.DISABLE_TIMING))

    @property
    def handle(self) -> int:
        """The driver's name for it, as TensorRT takes it."""
        return int(self._stream.handle)

    def upload(self, address: int, array: npt.NDArray[Any]) -> None:
        """Copy a contiguous array in page-locked memory to the device."""
        self._driver.memcpy_htod_async(address, array, self._stream)

    def download(self, array: npt.NDArray[Any], address: int) -> None:
        """Copy from the device to a contiguous array in page-locked memory."""
        self._driver.memcpy_dtoh_async(array, address, self._stream)

    def launch(self, function: Any, size: tuple[Extent, Extent], *arguments: Any) -> None:
        """Start a kernel over a grid of blocks, `size`, with numpy scalars as its arguments."""
        grid, block = size
        function(*arguments, grid=grid, block=block, stream=self._stream)

    def wait(self) -> None:
        """Return when everything asked for is done, and say whether it failed.

        The driver's errors of work that was only asked for come out here.
        """
        self._done.record(self._stream)
        self._done.synchronize()

    def free(self) -> None:
        """Give it back; a second call does nothing."""
        # pycuda's objects of these kinds are freed by their last reference alone.
        self._done = None
        self._stream = None
