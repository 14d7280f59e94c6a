"""Memory of the device, and page-locked memory of the host, which the device copies by itself.

Both are made and freed while the context is current, and freed by hand: pycuda leaks what the
garbage collector frees on another thread.
"""

from __future__ import annotations

import math
from contextlib import ExitStack
from typing import Any

import numpy as np
import numpy.typing as npt


class DeviceMemory:
    """Bytes on the device.

    Attributes:
        address: of the first.
        size_bytes: how many were asked for.
    """

    def __init__(self, driver: Any, size_bytes: int) -> None:
        self._allocation: Any = driver.mem_alloc(max(size_bytes, 1))  # CUDA refuses 0
        self.address = int(self._allocation)
        self.size_bytes = size_bytes

    def free(self) -> None:
        """Give it back; a second call does nothing."""
        allocation, self._allocation = self._allocation, None
        if allocation is not None:
            allocation.free()


class PinnedMemory:
    """Bytes of the host that stay where they are.

    Attributes:
        size_bytes: how many were asked for.
    """

    def __init__(self, driver: Any, size_bytes: int) -> None:
        self._bytes: npt.NDArray[np.uint8] | None = driver.pagelocked_empty(
            max(size_bytes, 1), np.uint8
        )
        self.size_bytes = size_bytes

    def view(self, shape: tuple[int, ...], dtype: npt.DTypeLike, start: int = 0) -> Any:
        """Return an array in this memory, from byte `start` on; gone after `free`."""
        if self._bytes is None:
            raise ValueError("view of page-locked memory that was freed")
        end = start + math.prod(shape) * np.dtype(dtype).itemsize
        return self._bytes[start:end].view(dtype).reshape(shape)

    def free(self) -> None:
        """Give it back; a second call does nothing."""
        held, self._bytes = self._bytes, None
        if held is not None:
            base: Any = held.base
            base.free()


class MirroredMemory:
    """Bytes on the device, and as many in page-locked memory of the host to copy from or to.

    Attributes:
        address: of the first byte on the device.
        size_bytes: how many were asked for, of each.
    """

    def __init__(self, driver: Any, size_bytes: int) -> None:
        with ExitStack() as stack:
            self._pinned = PinnedMemory(driver, size_bytes)
            stack.callback(self._pinned.free)
            device = DeviceMemory(driver, size_bytes)
            stack.callback(device.free)
            self._held = stack.pop_all()
        self.address = device.address
        self.size_bytes = size_bytes

    def view(self, shape: tuple[int, ...], dtype: npt.DTypeLike, start: int = 0) -> Any:
        """Return an array in the host's memory, from byte `start` on; gone after `free`."""
        return self._pinned.view(shape, dtype, start)

    def free(self) -> None:
        """Give both back; a second call does nothing."""
        self._held.close()
