"""`tensorrt`: one execution at a time, on addresses and a stream."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from standins.memory import ALIGNMENT
from standins.onnx_runs import NUMPY, Run
from standins.queues import Queue
from standins.things import Thing
from standins.trt_errors import report

if TYPE_CHECKING:
    from standins.trt_running import Engine


class ExecutionContext(Thing):
    """An execution context; two threads in it at once fail, as do unset shapes and addresses."""

    def _begin(self, engine: Engine) -> None:
        self._engine = engine
        self._profile = 0
        self._shapes: dict[str, tuple[int, ...]] = {
            tensor.name: tensor.shape for tensor in engine._graph.inputs if -1 not in tensor.shape
        }
        self._addresses: dict[str, int] = {}
        self._allocators: dict[str, Any] = {}
        self._used = threading.Lock()

    def __del__(self) -> None:
        if "_begun" in vars(self):
            self._space.recording.add(f"del {self._kind}", {})

    @property
    def engine(self) -> Any:
        return self._engine

    @property
    def active_optimization_profile(self) -> int:
        return self._profile

    def set_optimization_profile_async(self, profile_index: int, stream_handle: int) -> bool:
        with self._alone():
            self._machine.queue(stream_handle)
            if not 0 <= profile_index < self._engine.num_optimization_profiles:
                return self._refuse(f"profile {profile_index} does not exist")
            if profile_index != self._profile:  # the real one forgets the shapes of the old one
                self._shapes.clear()
            self._profile = profile_index
            return True

    def set_input_shape(self, name: str, shape: Sequence[int]) -> bool:
        with self._alone():
            wanted = tuple(int(size) for size in shape)
            if not self._admits(name, wanted):
                return self._refuse(f"setInputShape: {name} {wanted} is outside the profile")
            self._shapes[name] = wanted
            return True

    def get_tensor_shape(self, name: str) -> Any:
        with self._alone():
            return self._space.make("Dims", self._sized(name))

    def set_tensor_address(self, name: str, memory: int) -> bool:
        with self._alone():
            if name not in self._engine._tensors:
                return self._refuse(f"setTensorAddress: {name} is no tensor of the engine")
            self._addresses[name] = int(memory)
            return True

    def set_output_allocator(self, name: str, output_allocator: Any) -> bool:
        with self._alone():
            if name not in self._engine._tensors:
                return self._refuse(f"setOutputAllocator: {name} is no tensor of the engine")
            self._allocators[name] = output_allocator
            return True

    def get_tensor_address(self, name: str) -> int:
        return self._addresses.get(name, 0)

    def infer_shapes(self) -> list[str]:
        return self._missing()

    def _missing(self) -> list[str]:
        return [t.name for t in self._engine._graph.inputs if t.name not in self._shapes]

    def get_max_output_size(self, name: str) -> int:
        """Return the bytes of an output at the shapes that are set; -1 while some are not."""
        shape = self._sized(name)
        if name not in {tensor.name for tensor in self._engine._graph.outputs} or self._missing():
            return -1
        if -1 in shape:
            return self._machine.output_bound_bytes
        return math.prod(shape) * np.dtype(NUMPY[self._engine._tensors[name].dtype]).itemsize

    def execute_async_v3(self, stream_handle: int) -> bool:
        """Queue one run on the tensors as they are set now."""
        with self._alone():
            queue = self._machine.queue(stream_handle)
            if told := self._machine.errors.get("IExecutionContext.execute_async_v3"):
                return self._refuse(told)
            assert self._machine.current is queue.context, "the stream's context is not current"
            if missing := self._missing():
                return self._refuse(f"enqueueV3: input shapes are not set: {missing}")
            placed = self._addresses.keys() | self._allocators.keys()
            if unset := [name for name in self._engine._tensors if name not in placed]:
                return self._refuse(f"enqueueV3: addresses are not set: {unset}")
            return self._submit(queue)

    def _submit(self, queue: Queue) -> bool:
        """Queue the run, or do it at once where only its end tells how large the outputs are."""
        sized = {name: self._sized(name) for name in self._engine._tensors}
        known = {name: shape for name, shape in sized.items() if -1 not in shape}
        for name in sized.keys() - known.keys():
            assert name in self._allocators, f"nothing takes {name}, whose size is known too late"
        refused: list[str] = []
        queue.submit(self._queued(known, queue, refused))
        if known != sized:
            queue.drain()
        return not refused or self._refuse(f"enqueueV3: no memory for {refused}")

    def _queued(
        self, shapes: dict[str, tuple[int, ...]], queue: Queue, refused: list[str]
    ) -> Callable[[], None]:
        run = Run(self._engine._plan.onnx, self._machine.device, dict(self._addresses), shapes)
        for name, shape in shapes.items():
            run.check(name, shape, self._engine._tensors[name].dtype)

        def place(name: str, result: npt.NDArray[Any]) -> int:
            allocator = self._allocators[name]
            given = (name, 0, max(result.nbytes, 1), ALIGNMENT, queue.handle)
            address = int(allocator.reallocate_output_async(*given))
            if not address:
                refused.append(name)
            allocator.notify_shape(name, self._space.make("Dims", result.shape))
            return address

        return lambda: run.perform(self._engine._graph, place)

    def _admits(self, name: str, shape: tuple[int, ...]) -> bool:
        declared = {tensor.name: tensor.shape for tensor in self._engine._graph.inputs}.get(name)
        if declared is None or len(declared) != len(shape):
            return False
        if -1 not in declared:
            return declared == shape
        low, _, high = self._engine._plan.profiles[self._profile].shapes[name]
        return all(a <= size <= b for a, size, b in zip(low, shape, high, strict=True))

    def _sized(self, name: str) -> tuple[int, ...]:
        free = {
            str(size): number
            for tensor in self._engine._graph.inputs
            for size, number in zip(tensor.sizes, self._shapes.get(tensor.name, ()), strict=False)
        }
        if name in self._shapes:
            return self._shapes[name]
        return self._engine._tensors[name].sized(free)

    def _refuse(self, text: str) -> bool:
        runtime = self._engine._alive()._runtime()
        assert runtime is not None
        report(self._module, runtime._sink, f"IExecutionContext::{text}")
        return False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._engine._alive()
        assert self._used.acquire(blocking=False), "two threads are in one execution context"
        try:
            yield
        finally:
            self._used.release()
