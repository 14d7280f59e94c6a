"""`pycuda.driver`: device memory, page-locked host memory and streams."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from standins.cuda_contexts import Owned
from standins.cuda_errors import INVALID_HANDLE, fail
from standins.memory import Block, Memory


class Allocation(Owned):
    """A block of one of the two memories."""

    _block: Block | None = None

    @property
    def _identity(self) -> int:
        return self._block.address if self._block else 0

    def _take(self, memory: Memory, nbytes: int, call: str) -> None:
        self._own(call)
        self._memory = memory
        self._block = memory.allocate(nbytes)

    def free(self) -> None:
        if self._block is None:
            fail(self._module, f"{self._kind.lower()}::free", INVALID_HANDLE)
        if self._may_clean_up():
            self._memory.free(self._block)
        self._block = None

    def __del__(self) -> None:
        if self._block is not None:
            self._space.recording.add(f"del {self._kind}", {"address": self._block.address})
            Allocation.free(self)


class DeviceAllocation(Allocation):
    def _begin(self, nbytes: int) -> None:
        if nbytes <= 0:
            fail(self._module, "cuMemAlloc", "invalid argument")
        if self._machine.device.used_bytes + nbytes > self._machine.memory_bytes:
            fail(self._module, "cuMemAlloc", "out of memory", "MemoryError")
        self._take(self._machine.device, nbytes, "cuMemAlloc")

    def __int__(self) -> int:
        assert self._block is not None, "the address of freed device memory is asked for"
        return self._block.address


class PagelockedHostAllocation(Allocation):
    """Memory of the host that stays where it is; it is the base of the array that lies in it."""

    def _begin(self, dims: tuple[int, ...], dtype: np.dtype[Any], order: str) -> None:
        nbytes = math.prod(dims) * dtype.itemsize
        if not nbytes:
            fail(self._module, "cuMemHostAlloc", "invalid argument")
        self._take(self._machine.pinned, nbytes, "cuMemHostAlloc")
        assert self._block is not None
        content = self._block.content
        self._array = np.ndarray(dims, dtype, content, order="F" if order == "F" else "C")

    @property
    def __array_interface__(self) -> dict[str, Any]:
        told: dict[str, Any] = self._array.__array_interface__
        return told


class Stream(Owned):
    def _begin(self, flags: int = 0) -> None:
        self._own("explicit_context_dependent")
        self._queue = self._machine.add_queue(self._context)

    @property
    def handle(self) -> int:
        return self._queue.handle

    @property
    def _identity(self) -> int:
        return self._queue.handle

    def synchronize(self) -> None:
        self._queue.drain()

    def is_done(self) -> bool:
        return not self._queue.work

    def __del__(self) -> None:
        if "_queue" in vars(self):
            self._space.recording.add("del Stream", {"handle": self._queue.handle})
            if self._may_clean_up():
                self._machine.close_queue(self._queue)


def page_locked(
    space: Any, shape: int | Sequence[int], dtype: npt.DTypeLike, order: str
) -> npt.NDArray[Any]:
    """Return an array of page-locked memory, which is freed with the last view of it."""
    dims = (shape,) if isinstance(shape, int) else tuple(shape)
    made: npt.NDArray[Any] = np.asarray(
        space.make("PagelockedHostAllocation", dims, np.dtype(dtype), order)
    )
    return made
