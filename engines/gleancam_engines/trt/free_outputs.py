"""Outputs whose size the pictures decide, such as boxes after non-maximum suppression.

TensorRT asks a callback where to put them, and tells it their shape, before the call that starts a
run returns: for these models that call waits for the device.
"""

from __future__ import annotations

from typing import Any

from gleancam_engines.errors import PlanError
from gleancam_engines.trt.interruption import Interruption

LARGEST_BYTES = 64 << 20
"""What an output may take at most, twice: on the device and on the host."""


def make_allocator(trt: Any, address: int, size_bytes: int, interruption: Interruption) -> Any:
    """Return a `trt.IOutputAllocator` that gives out one piece of memory of the device.

    Its `shape` is that of the last run, None until it is known. The class is made here because its
    base comes from a module that is given. It must outlive the execution context.
    """

    class _Allocator(trt.IOutputAllocator):  # type: ignore[misc] # the base is known at run time only
        def __init__(self) -> None:
            trt.IOutputAllocator.__init__(self)
            self.shape: tuple[int, ...] | None = None

        def reallocate_output_async(
            self, _name: str, _memory: Any, size: int, _alignment: int, _stream: int
        ) -> int:
            """Return where the output may go; 0, and the run fails, if it is too large."""
            return address if size <= size_bytes else 0

        def notify_shape(self, _name: str, shape: Any) -> None:
            with interruption:
                self.shape = tuple(shape)

    return _Allocator()


def check_bound(size_bytes: int, what: str) -> int:
    """Return the bound that TensorRT knows of an output's size.

    Raises:
        PlanError: it knows none, or one that is out of proportion.
    """
    if 0 < size_bytes <= LARGEST_BYTES:
        return size_bytes
    raise PlanError(
        f"{what} has a size that the pictures decide, up to {size_bytes} bytes where at most "
        f"{LARGEST_BYTES} are taken; export the model with a limit on its detections, or set "
        "backend = 'onnxruntime'"
    )
