"""A compiled function on the device."""

from __future__ import annotations

from typing import Any

from gleancam_engines.cuda.stream import Stream
from gleancam_engines.kernels.launch import Extent


class Kernel:
    """One function of a cubin; made, used and freed while the CUDA context is current.

    Args:
        driver: the module `pycuda.driver`.
        cubin: machine code for this very compute capability.
        name: of the function.

    Raises:
        pycuda.driver.Error: the cubin is of another device, or has no such function.
    """

    def __init__(self, driver: Any, cubin: bytes, name: str) -> None:
        self._module: Any = driver.module_from_buffer(cubin)
        self._function: Any = self._module.get_function(name)

    def launch(self, stream: Stream, size: tuple[Extent, Extent], *arguments: Any) -> None:
        """Ask a stream to run it over a grid of blocks, `size`; arguments are numpy scalars."""
        stream.launch(self._function, size, *arguments)

    def free(self) -> None:
        """Give it back; a second call does nothing."""
        # pycuda's objects of these kinds are freed by their last reference alone.
        self._function = None
        self._module = None
