"""`tensorrt`: from a plan to numbers."""

from __future__ import annotations

import weakref
from typing import Any

from standins.onnx_graphs import read_graph
from standins.plan_files import Plan, decode
from standins.things import Thing
from standins.trt_errors import refuse_to_be_made, report


class Runtime(Thing):
    def _begin(self, logger: Any) -> None:
        refuse_to_be_made(self, logger)
        self._sink = logger

    # Declared for those who read it; the surface makes the attribute.
    engine_host_code_allowed: bool

    @property
    def logger(self) -> Any:
        return self._sink

    def deserialize_cuda_engine(self, serialized_engine: Any) -> Any:
        """Return the engine; None, and an error in the log, if the bytes are no plan for here."""
        plan = decode(bytes(memoryview(serialized_engine)))
        told = self._machine.errors.get("Runtime.deserialize_cuda_engine", "")
        if error := told or self._fault(plan):
            report(self._module, self._sink, error)
            return None
        return self._space.make("ICudaEngine", self, plan)

    def _fault(self, plan: Plan | None) -> str:
        if plan is None:
            return "IRuntime::deserializeCudaEngine: Error Code 1: Serialization (magic tag)"
        if plan.compute_capability != self._machine.compute_capability:
            want, have = (
                ".".join(map(str, version))
                for version in (plan.compute_capability, self._machine.compute_capability)
            )
            return (
                "The engine plan file is generated on an incompatible device, expecting compute "
                f"{have} got compute {want}, please rebuild."
            )
        portable = "VERSION_COMPATIBLE" in plan.flags
        if portable and not self.engine_host_code_allowed:
            return "The plan contains host executable code, and engine_host_code_allowed is false"
        if not portable and plan.version != self._module.__version__:
            return f"Version tag does not match: {plan.version}, not {self._module.__version__}"
        return ""


class Engine(Thing):
    """An engine. Stricter than the real one, which keeps its runtime alive: users must."""

    def _begin(self, runtime: Runtime, plan: Plan) -> None:
        self._runtime = weakref.ref(runtime)
        self._plan = plan
        graph = read_graph(plan.onnx)
        assert graph is not None
        self._graph = graph
        self._tensors = {tensor.name: tensor for tensor in (*graph.inputs, *graph.outputs)}

    def __del__(self) -> None:
        if "_begun" in vars(self):
            self._space.recording.add(f"del {self._kind}", {})

    @property
    def num_io_tensors(self) -> int:
        return len(self._alive()._tensors)

    @property
    def num_optimization_profiles(self) -> int:
        return max(1, len(self._alive()._plan.profiles))

    @property
    def num_layers(self) -> int:
        return len(self._graph.operators)

    @property
    def device_memory_size_v2(self) -> int:
        return 0

    def get_tensor_name(self, index: int) -> str:
        return list(self._alive()._tensors)[index]

    def get_tensor_mode(self, name: str) -> Any:
        mode = self._module.TensorIOMode
        if name not in self._alive()._tensors:
            return mode.NONE
        inputs = {tensor.name for tensor in self._graph.inputs}
        return mode.INPUT if name in inputs else mode.OUTPUT

    def get_tensor_dtype(self, name: str) -> Any:
        return self._module.DataType[self._alive()._tensors[name].dtype]

    def get_tensor_shape(self, name: str) -> Any:
        return self._space.make("Dims", self._alive()._tensors[name].shape)

    def get_tensor_location(self, name: str) -> Any:
        return self._module.TensorLocation.DEVICE

    def get_tensor_profile_shape(self, name: str, profile_index: int) -> list[Any]:
        shapes = self._alive()._plan.profiles[profile_index].shapes[name]
        return [self._space.make("Dims", shape) for shape in shapes]

    def create_execution_context(self, strategy: Any = None) -> Any:
        runtime = self._alive()._runtime()
        assert runtime is not None
        if error := self._machine.errors.get("ICudaEngine.create_execution_context"):
            report(self._module, runtime._sink, error)
            return None
        return self._space.make("IExecutionContext", self)

    def _alive(self) -> Engine:
        assert self._runtime() is not None, "an engine is used after its runtime was deleted"
        return self
