"""ONNX bytes become a network, and its free batch gets its profiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gleancam_engines.errors import CompileError, ModelFileError
from gleancam_engines.trt.failures import parse_failure
from gleancam_engines.trt.library import release
from gleancam_engines.trt.profiles import Profile


def make_network(trt: Any, builder: Any, logger: Any, content: bytes, name: str) -> tuple[Any, Any]:
    """Return the network of an ONNX file, and the parser that owns its weights.

    Both must live until the plan is built.

    Raises:
        ModelFileError: the bytes are damaged, no ONNX model, or an empty one.
        CompileError: TensorRT does not take one of the nodes.
    """
    network = builder.create_network(_typing(trt))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(content):
        raise parse_failure(trt, parser, name)
    if not network.num_inputs or not network.num_outputs:
        # To the parser an empty file is a model without nodes.
        raise ModelFileError(
            f"{name}: its ONNX file has no inputs or no outputs; "
            f"run 'gleancam models fetch {name}', or export it again"
        )
    return network, parser


def _typing(trt: Any) -> int:
    """Ask for strong typing where it is a choice; from 11 on there is nothing else."""
    if release(trt.__version__)[0] != 10:
        return 0
    return 1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)


def add_profiles(
    builder: Any, config: Any, network: Any, wanted: Sequence[Profile], name: str
) -> None:
    """Add the profiles, if any input has a free batch.

    Raises:
        CompileError: something else than the batch is free.
    """
    inputs = [network.get_input(at) for at in range(network.num_inputs)]
    free = {tensor.name: tuple(tensor.shape) for tensor in inputs if -1 in tuple(tensor.shape)}
    for tensor, shape in free.items():
        if -1 in shape[1:]:
            raise CompileError(
                f"{name}: input {tensor!r} is {shape}, but only the batch may be free; export the "
                "model with fixed sizes"
            )
    if free:
        for batch in wanted:
            config.add_optimization_profile(_profile(builder, free, batch))


def _profile(builder: Any, free: dict[str, tuple[int, ...]], batch: Profile) -> Any:
    profile = builder.create_optimization_profile()
    for tensor, (_, *rest) in free.items():
        smallest, tuned, largest = (
            (size, *rest) for size in (batch.smallest, batch.tuned, batch.largest)
        )
        profile.set_shape(tensor, smallest, tuned, largest)
    return profile
