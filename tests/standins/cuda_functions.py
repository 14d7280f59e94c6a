"""`pycuda.driver`: the functions of the module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from standins.cuda_contexts import need_context
from standins.cuda_errors import fail
from standins.cuda_memory import DeviceAllocation, page_locked
from standins.queues import Queue
from standins.things import Thing

VERSION = (13, 0, 0)


class Functions(Thing):
    """Each method is a function of the module."""

    def init(self, flags: int = 0) -> None:
        self._machine.initialised = True

    def get_version(self) -> tuple[int, int, int]:
        return VERSION

    def get_driver_version(self) -> int:
        return VERSION[0] * 1000 + VERSION[1] * 10

    def mem_get_info(self) -> tuple[int, int]:
        need_context(self._space, "cuMemGetInfo")
        total = self._machine.memory_bytes
        return total - self._machine.device.used_bytes, total

    def mem_alloc(self, nbytes: int) -> Any:
        return self._space.make("DeviceAllocation", nbytes)

    def pagelocked_empty(
        self, shape: Any, dtype: npt.DTypeLike, order: str = "C", mem_flags: int = 0
    ) -> npt.NDArray[Any]:
        return page_locked(self._space, shape, dtype, order)

    def pagelocked_zeros(
        self, shape: Any, dtype: npt.DTypeLike, order: str = "C", mem_flags: int = 0
    ) -> npt.NDArray[Any]:
        made = page_locked(self._space, shape, dtype, order)
        made.fill(0)
        return made

    def pagelocked_empty_like(
        self, array: npt.NDArray[Any], mem_flags: int = 0
    ) -> npt.NDArray[Any]:
        return page_locked(self._space, array.shape, array.dtype, "C")

    def memcpy_htod_async(self, dest: Any, src: npt.NDArray[Any], stream: Any = None) -> None:
        host, address = self._locked(src), address_of(dest)
        self._machine.device.at(address, host.nbytes)
        source = host.ctypes.data

        def copy() -> None:
            content = self._machine.pinned.at(source, host.nbytes)
            self._machine.device.at(address, host.nbytes)[:] = content

        self._submit(stream, "cuMemcpyHtoDAsync", copy)

    def memcpy_dtoh_async(self, dest: npt.NDArray[Any], src: Any, stream: Any = None) -> None:
        host, address = self._locked(dest), address_of(src)
        self._machine.device.at(address, host.nbytes)
        target = host.ctypes.data

        def copy() -> None:
            content = self._machine.device.at(address, host.nbytes)
            self._machine.pinned.at(target, host.nbytes)[:] = content

        self._submit(stream, "cuMemcpyDtoHAsync", copy)

    def memcpy_htod(self, dest: Any, src: npt.NDArray[Any]) -> None:
        need_context(self._space, "cuMemcpyHtoD")
        self._machine.device.at(address_of(dest), src.nbytes)[:] = _bytes(src)

    def memcpy_dtoh(self, dest: npt.NDArray[Any], src: Any) -> None:
        need_context(self._space, "cuMemcpyDtoH")
        _bytes(dest)[:] = self._machine.device.at(address_of(src), dest.nbytes)

    def memset_d8_async(self, dest: Any, data: int, size: int, stream: Any = None) -> None:
        address = address_of(dest)

        def fill() -> None:
            self._machine.device.at(address, size)[:] = data

        self._submit(stream, "cuMemsetD8Async", fill)

    def module_from_buffer(
        self, buffer: Any, options: Sequence[Any] = (), message_handler: Any = None
    ) -> Any:
        need_context(self._space, "cuModuleLoadDataEx")
        if bytes(memoryview(buffer)[:4]) != b"\x7fELF":
            fail(self._module, "cuModuleLoadDataEx", "device kernel image is invalid")
        return self._space.make("Module")

    def _submit(self, stream: Any, call: str, job: Callable[[], None]) -> None:
        queue = queue_of(self._space, stream, call)
        if queue is None:
            job()
        else:
            queue.submit(job)

    def _locked(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return its bytes, contiguous and page-locked, as a background copy needs them."""
        bytes_of = _bytes(array)
        self._machine.pinned.at(bytes_of.ctypes.data, bytes_of.nbytes)
        return bytes_of


def queue_of(space: Any, stream: Any, call: str) -> Queue | None:
    """Return the queue of a stream, which must belong to the current context; None: at once."""
    context = need_context(space, call)
    if stream is None:
        for queue in space.machine.queues.values():
            queue.drain()
        return None
    if not isinstance(stream, space.classes["Stream"]):
        raise TypeError(f"{call}: stream is a {type(stream).__name__}")
    queue = space.machine.queue(stream._queue.handle)
    assert queue.context is context, f"{call}: the stream belongs to another context"
    return queue  # type: ignore[no-any-return]


def address_of(pointer: Any) -> int:
    """Return a device address; Boost.Python takes an `int` or what it knows to be one."""
    if not isinstance(pointer, (int, DeviceAllocation)):
        raise TypeError(f"Python argument types did not match: {type(pointer).__name__}")
    return int(pointer)


def _bytes(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    if not array.flags.c_contiguous:
        raise BufferError("ndarray is not contiguous")
    return array.reshape(-1).view(np.uint8)
