"""The preprocessing kernel on the GPU, by itself: no TensorRT is needed for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from gleancam_engines.cuda.context import PrimaryContext
from gleancam_engines.cuda.kernel import Kernel
from gleancam_engines.cuda.memory import MirroredMemory
from gleancam_engines.cuda.staging import Staging
from gleancam_engines.cuda.stream import Stream
from gleancam_engines.kernels.launch import function_name, grid
from gleancam_engines.kernels.layout import parameters
from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import Planes


class OnGpu:
    """Preprocesses batches of up to `most` frames, in the current context."""

    def __init__(
        self, driver: Any, cubin: bytes, spec: Preprocess, dtype: npt.DTypeLike, most: int
    ) -> None:
        self._spec, self._dtype = spec, np.dtype(dtype)
        sides = (spec.height, spec.width)
        self._shape = (3, *sides) if spec.layout == "nchw" else (*sides, 3)
        self._kernel = Kernel(driver, cubin, function_name(spec, self._dtype))
        self._parameters = parameters(spec)[()]
        self._staging, self._stream = Staging(driver), Stream(driver)
        self._out = MirroredMemory(driver, most * 3 * sides[0] * sides[1] * self._dtype.itemsize)

    def upload(self, frames: Sequence[Planes]) -> int:
        return self._staging.upload(frames, self._spec, self._stream)

    def launch(self, described: int, count: int) -> None:
        arguments = (np.uint64(described), self._parameters, np.uint64(self._out.address))
        self._kernel.launch(self._stream, grid(self._spec, count), *arguments)

    def wait(self) -> None:
        self._stream.wait()

    def tensor(self, frames: Sequence[Planes]) -> npt.NDArray[Any]:
        """Return what `gleancam_engines.preprocess` would, made on the GPU."""
        self.launch(self.upload(frames), len(frames))
        seen = self._out.view((len(frames), *self._shape), self._dtype)
        self._stream.download(seen, self._out.address)
        self.wait()
        return np.array(seen)

    def free(self) -> None:
        for one in (self._out, self._staging, self._kernel, self._stream):
            one.free()


@contextmanager
def on_gpu(
    context: PrimaryContext,
    cubin: bytes,
    spec: Preprocess,
    dtype: npt.DTypeLike = np.float32,
    most: int = 8,
) -> Iterator[OnGpu]:
    """Have a kernel, its memory and its stream within the block."""
    with context.current("run the preprocessing kernel"):
        opened = OnGpu(context.driver, cubin, spec, dtype, most)
        try:
            yield opened
        finally:
            opened.free()
