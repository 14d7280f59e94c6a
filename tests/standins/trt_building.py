"""`tensorrt`: from ONNX bytes to a plan."""

from __future__ import annotations

from typing import Any

from standins.onnx_graphs import Graph, read_graph
from standins.plan_files import Plan, Profile, encode
from standins.things import Thing
from standins.trt_config import Config
from standins.trt_errors import refuse_to_be_made, report

PHASES = (("Building Engine", None, 2), ("Timing Graph Nodes", "Building Engine", 3))


class Builder(Thing):
    def _begin(self, logger: Any) -> None:
        refuse_to_be_made(self, logger)
        self._sink = logger

    @property
    def logger(self) -> Any:
        return self._sink

    def create_network(self, flags: int = 0) -> Any:
        return self._space.make("INetworkDefinition", self, int(flags))

    def create_builder_config(self) -> Any:
        return self._space.make("IBuilderConfig")

    def create_optimization_profile(self) -> Any:
        return self._space.make("IOptimizationProfile")

    def is_network_supported(self, network: Network, config: Config) -> bool:
        return True

    def build_serialized_network(self, network: Network, config: Config) -> Any:
        """Return the plan; None, and an error in the log, if it cannot be built."""
        told = self._machine.errors.get("Builder.build_serialized_network", "")
        error = told or _fault(network, config)
        if not error and not _tell(config.progress_monitor):
            error = "IBuilder::buildSerializedNetwork: the build was cancelled"
        if error:
            report(self._module, self._sink, error)
            return None
        config._count_build()
        return self._space.make("IHostMemory", encode(self._plan(network, config)))

    def _plan(self, network: Network, config: Config) -> Plan:
        assert network._content is not None
        return Plan(
            version=self._module.__version__,
            compute_capability=self._machine.compute_capability,
            flags=tuple(sorted(flag.name for flag in config._flags)),
            strongly_typed=network._strongly_typed,
            profiles=tuple(Profile(profile._shapes) for profile in config._profiles),
            pools={pool.name: limit for pool, limit in config._pools.items()},
            onnx=network._content,
        )


class Network(Thing):
    """A network definition, empty until a parser has filled it."""

    def _begin(self, builder: Builder, flags: int) -> None:
        bit = self._module.NetworkDefinitionCreationFlag.STRONGLY_TYPED.value
        always = int(self._module.__version__.split(".")[0]) >= 11
        self._strongly_typed = always or bool(flags >> bit & 1)
        self._graph = Graph((), (), ())
        self._content: bytes | None = None

    @property
    def num_inputs(self) -> int:
        return len(self._graph.inputs)

    @property
    def num_outputs(self) -> int:
        return len(self._graph.outputs)

    @property
    def num_layers(self) -> int:
        return len(self._graph.operators)

    def get_input(self, index: int) -> Any:
        return self._tensor(self._graph.inputs, index)

    def get_output(self, index: int) -> Any:
        return self._tensor(self._graph.outputs, index)

    def _tensor(self, among: tuple[Any, ...], index: int) -> Any:
        if not 0 <= index < len(among):
            return None
        found = among[index]
        return self._space.make("ITensor", found.name, found.dtype, found.shape)


class OptimizationProfile(Thing):
    def _begin(self) -> None:
        self._shapes: dict[str, Any] = {}

    def set_shape(self, name: str, smallest: Any, tuned: Any, largest: Any) -> None:
        shapes = (tuple(smallest), tuple(tuned), tuple(largest))
        if not len(shapes[0]) == len(shapes[1]) == len(shapes[2]):
            raise ValueError(f"Could not set shape of input {name}: ranks differ")
        self._shapes[name] = shapes

    def get_shape(self, name: str) -> list[Any]:
        return [self._space.make("Dims", shape) for shape in self._shapes.get(name, ())]

    def __bool__(self) -> bool:
        return all(
            0 <= low <= middle <= high
            for shapes in self._shapes.values()
            for low, middle, high in zip(*shapes, strict=True)
        )


class OnnxParser(Thing):
    def _begin(self, network: Network, logger: Any) -> None:
        self._network = network
        self._sink = logger
        self._errors: list[Any] = []

    @property
    def num_errors(self) -> int:
        return len(self._errors)

    def get_error(self, index: int) -> Any:
        return self._errors[index]

    def clear_errors(self) -> None:
        self._errors.clear()

    def parse(self, model: Any, path: str | None = None) -> bool:
        content = bytes(memoryview(model))
        graph = read_graph(content)
        if graph is None:
            self._fail("MODEL_DESERIALIZE_FAILED", "Failed to parse the ONNX model.", -1, "")
            return False
        for node, operator in enumerate(graph.operators):
            if operator in self._machine.refused_operators:
                text = f"No importer registered for op: {operator}"
                self._fail("UNSUPPORTED_NODE", text, node, operator)
            if node in graph.unsigned:
                text = "TensorRT does not support UINT8 as the output type of quantization"
                self._fail("UNSUPPORTED_NODE_DATATYPE", text, node, operator)
        if not self._errors:
            self._network._graph, self._network._content = graph, content
        return not self._errors

    def _fail(self, code: str, text: str, node: int, operator: str) -> None:
        self._errors.append(self._space.make("ParserError", code, text, node, operator))
        report(self._module, self._sink, f"ModelImporter.cpp: {text}")


def _fault(network: Network, config: Config) -> str:
    """Return why a network cannot be built; empty: it can."""
    if not network.num_outputs:
        return "Network must have at least one output"
    for tensor in network._graph.inputs:
        shapes = [profile._shapes.get(tensor.name) for profile in config._profiles]
        if -1 in tensor.shape and (not shapes or None in shapes):
            return (
                "Network has dynamic or shape inputs, but no optimization profile has been "
                f"defined for {tensor.name}."
            )
        for _, _, largest in filter(None, shapes):
            if any(is_ not in (-1, to) for is_, to in zip(tensor.shape, largest, strict=True)):
                return f"{tensor.name}: profile {largest} does not fit {tensor.shape}"
    return ""


def _tell(monitor: Any) -> bool:
    """Walk through the phases of a build; return whether the monitor lets it go on."""
    if monitor is None:
        return True
    for name, parent, steps in PHASES:
        monitor.phase_start(name, parent, steps)
    for name, _, steps in reversed(PHASES):
        for step in range(steps):
            if not monitor.step_complete(name, step):
                return False
        monitor.phase_finish(name)
    return True
