"""Preprocessing on the GPU, straight into a model's input."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
import numpy.typing as npt

from gleancam_engines.base import Tensors
from gleancam_engines.cuda.context import PrimaryContext
from gleancam_engines.cuda.engine import DeviceEngine
from gleancam_engines.cuda.kernel import Kernel
from gleancam_engines.cuda.staging import Staging
from gleancam_engines.cuda.stream import Stream
from gleancam_engines.kernels.launch import function_name, grid
from gleancam_engines.kernels.layout import parameters
from gleancam_engines.manifest import Preprocess
from gleancam_engines.pictures import NOTHING, Pictures
from gleancam_engines.planes import Planes


class CudaPictures(Pictures):
    """Copies the planes of a batch to the device; a kernel makes the model's input of them there.

    What crosses the bus is 1.5 bytes a pixel of the frame, and the host does nothing but copy.

    Args:
        engine: what runs the model; closed with this.
        cuda: the context of its device.
        spec: how the model wants its input.
        cubin: `preprocess.cu`, compiled for this very device.

    Raises:
        TensorError: no kernel makes the engine's input of what `spec` says.
        DeviceError: the cubin is of another device, or the device failed.
    """

    def __init__(
        self, engine: DeviceEngine, cuda: PrimaryContext, spec: Preprocess, cubin: bytes
    ) -> None:
        self.engine = engine
        self._engine, self._cuda, self._spec = engine, cuda, spec
        self._parameters = parameters(spec)[()]
        name = function_name(spec, engine.inputs[0].dtype)
        with cuda.current(f"load the preprocessing of {engine.model_id}"), ExitStack() as stack:
            self._kernel = Kernel(cuda.driver, cubin, name)
            stack.callback(self._kernel.free)
            self._staging = Staging(cuda.driver)
            stack.callback(self._staging.free)
            self._held = stack.pop_all()

    def infer(
        self, frames: Sequence[Planes], more: Tensors = NOTHING
    ) -> dict[str, npt.NDArray[Any]]:
        """Run the model on a batch of frames; see `Pictures`.

        Raises:
            TensorError: as `Engine.infer`, or the batch is too large for the plan or the staging.
            DeviceError: the device or TensorRT failed.
        """

        def fill(address: int, stream: Stream) -> None:
            described = self._staging.upload(frames, self._spec, stream)
            size = grid(self._spec, len(frames))
            arguments = (np.uint64(described), self._parameters, np.uint64(address))
            self._kernel.launch(stream, size, *arguments)

        return self._engine.infer_on_device(len(frames), fill, more)

    def close(self) -> None:
        """Free the kernel, the staging memory and the engine; a second call does nothing."""
        with self._cuda.current(f"close the preprocessing of {self.engine.model_id}"):
            self._held.close()
        self.engine.close()
