"""What goes into a loaded plan and comes out of it: memory, addresses, copies."""

from __future__ import annotations

import math
from contextlib import ExitStack
from typing import Any

import numpy as np
import numpy.typing as npt

from gleancam_engines.base import Tensors, TensorSpec
from gleancam_engines.cuda.memory import MirroredMemory
from gleancam_engines.cuda.stream import Stream
from gleancam_engines.errors import TensorError
from gleancam_engines.trt.batches import Batches
from gleancam_engines.trt.free_outputs import check_bound, make_allocator
from gleancam_engines.trt.loaded import LoadedPlan
from gleancam_engines.trt.tensors import read_specs


class Bindings:
    """The tensors of a loaded plan, with memory for its largest batch that is allocated once.

    Made, used and freed while the CUDA context is current.

    Args:
        trt: the `tensorrt` module.
        loaded: the plan.
        driver: the module `pycuda.driver`.
        stream: on which everything is asked for.
        name: of the model, for messages.

    Attributes:
        inputs: in the order of the ONNX file.
        outputs: likewise.
        largest_batch: the most pictures the plan takes at once.
        size_bytes: of the memory, on the device and again on the host.

    Raises:
        PlanError: a tensor cannot be fed or read.
        DeviceError: the device or TensorRT failed.
    """

    def __init__(
        self, trt: Any, loaded: LoadedPlan, driver: Any, stream: Stream, name: str
    ) -> None:
        self._loaded, self._stream, self._name = loaded, stream, name
        self.inputs, self.outputs = read_specs(trt, loaded.engine, name)
        self._batches = Batches(loaded, self.inputs, stream, name)
        self.largest_batch = self._batches.largest
        self._memory: dict[str, MirroredMemory] = {}
        self._allocators: dict[str, Any] = {}
        with ExitStack() as stack:
            self._allocate(trt, driver, stack)
            self._held = stack.pop_all()

    @property
    def size_bytes(self) -> int:
        """How much memory the tensors have, on the device and again on the host."""
        return sum(memory.size_bytes for memory in self._memory.values())

    def address(self, name: str) -> int:
        """Return where a tensor lies on the device."""
        return self._memory[name].address

    def aim(self, batch: int) -> None:
        """Choose the profile and the shapes of a batch.

        Raises:
            TensorError: the plan takes no such batch.
            DeviceError: TensorRT refuses.
        """
        self._batches.aim(batch, self._bind)

    def upload(self, tensors: Tensors) -> None:
        """Ask for inputs to be copied to the device; their arrays may be changed at once.

        Raises:
            TensorError: their batches are not the one that was aimed at.
        """
        for name, array in tensors.items():
            memory = self._memory[name]
            staged = memory.view(self._shape(name), array.dtype)
            if staged.shape != array.shape:
                raise TensorError(
                    f"{self._name}: input {name!r} must be {staged.shape} in this batch, but is "
                    f"{array.shape}"
                )
            np.copyto(staged, array)
            self._stream.upload(memory.address, staged)

    def run(self) -> None:
        """Ask for the model to be run, and for its outputs to be copied to the host.

        Raises:
            DeviceError: TensorRT refuses.
        """
        context, hold = self._loaded.context, self._loaded.hold
        for allocator in self._allocators.values():
            allocator.shape = None
        hold(context.execute_async_v3(self._stream.handle), "run it")
        for spec in self.outputs:
            memory = self._memory[spec.name]
            self._stream.download(memory.view(self._shape(spec.name), spec.dtype), memory.address)

    def results(self) -> dict[str, npt.NDArray[Any]]:
        """Return the outputs, once the stream is done; they are the caller's own."""
        return {
            spec.name: self._memory[spec.name].view(self._shape(spec.name), spec.dtype).copy()
            for spec in self.outputs
        }

    def free(self) -> None:
        """Give the memory back; a second call does nothing."""
        self._held.close()

    def _allocate(self, trt: Any, driver: Any, stack: ExitStack) -> None:
        self.aim(self.largest_batch)
        for spec in (*self.inputs, *self.outputs):
            made = MirroredMemory(driver, self._largest_bytes(spec))
            stack.callback(made.free)
            self._memory[spec.name] = made
            if -1 in self._shape(spec.name):
                self._allocators[spec.name] = make_allocator(
                    trt, made.address, made.size_bytes, self._loaded.interruption
                )
        self._bind()

    def _largest_bytes(self, spec: TensorSpec) -> int:
        """Return the size of a tensor now that the largest batch is aimed at."""
        shape = self._shape(spec.name)
        least = math.prod(shape) * spec.dtype.itemsize
        if spec in self.inputs:
            return least
        bound = int(self._loaded.context.get_max_output_size(spec.name))
        if -1 in shape:
            return check_bound(bound, f"{self._name}: output {spec.name!r}")
        return max(least, bound)

    def _shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a tensor; -1 is what the pictures decide, until they were run."""
        allocator = self._allocators.get(name)
        if allocator is not None and allocator.shape is not None:
            told: tuple[int, ...] = allocator.shape
            return told
        return tuple(self._loaded.context.get_tensor_shape(name))

    def _bind(self) -> None:
        """Say where each tensor lies, or who says it."""
        context, hold = self._loaded.context, self._loaded.hold
        for name, memory in self._memory.items():
            if name in self._allocators:
                done = context.set_output_allocator(name, self._allocators[name])
            else:
                done = context.set_tensor_address(name, memory.address)
            hold(done, f"use the memory of {name!r}")
