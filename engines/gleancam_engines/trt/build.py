"""ONNX bytes become a plan, through the calls that TensorRT 10.3 to 11 share.

Types come from the ONNX file alone: a float16 file gives a float16 plan, a file with QDQ nodes an
int8 one. That is what 11 does always and 10 when the network is strongly typed. The `tensorrt`
module is given, so that TensorRT-RTX, which builds without a GPU, can take its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gleancam_engines.errors import BackendUnavailableError
from gleancam_engines.fetching.progress import Progress, silent
from gleancam_engines.trt.failures import brief, build_failure
from gleancam_engines.trt.interruption import Interruption
from gleancam_engines.trt.key import PlanKey
from gleancam_engines.trt.logger import process_logger
from gleancam_engines.trt.monitor import TOTAL, make_monitor
from gleancam_engines.trt.network import add_profiles, make_network


@dataclass(frozen=True, slots=True)
class Built:
    """A serialised plan, and what the builder has timed so far."""

    plan: bytes
    timing: bytes


def build_plan(
    trt: Any,
    content: bytes,
    key: PlanKey,
    *,
    name: str,
    timing: bytes = b"",
    tell: Progress = silent,
) -> Built:
    """Build the plan that `key` describes from ONNX bytes.

    Takes seconds to many minutes on this thread. Ctrl-C stops it at its next step.

    Args:
        trt: the `tensorrt` module.
        content: the ONNX file.
        key: its profiles, workspace and flags are what is built.
        name: of the model, for messages.
        timing: what an earlier build on this device timed, from `Built.timing`.
        tell: told of steps out of 1000.

    Raises:
        ModelFileError: the bytes are damaged, or no ONNX model.
        CompileError: an operator is not supported, or TensorRT gives another reason.
        CompileMemoryError: memory ran out.
        BackendUnavailableError: TensorRT cannot use the device.
    """
    logger, errors, interruption = process_logger(trt)
    errors.clear()
    what = f"{name} {key.precision}"
    builder = _builder(trt, logger, errors)
    # The parser and the monitor are named because they must outlive the build.
    network, _parser = make_network(trt, builder, logger, content, name)
    config = builder.create_builder_config()
    _configure(trt, config, key)
    add_profiles(builder, config, network, key.profiles, name)
    _use_timing(config, timing)
    _monitor = _watch(trt, config, what, tell, interruption)
    errors.clear()
    plan = builder.build_serialized_network(network, config)
    interruption.reraise()
    if plan is None:
        raise build_failure(tuple(errors), name)
    tell(what, TOTAL, TOTAL)
    return Built(bytes(plan), _timed(config))


def _builder(trt: Any, logger: Any, errors: Sequence[str]) -> Any:
    try:
        return trt.Builder(logger)
    except TypeError as error:  # the bindings' word for a builder that could not be made
        said = brief(errors[-1]) if errors else str(error)
        raise BackendUnavailableError(
            f"TensorRT {trt.__version__} cannot use the device ({said}); its CUDA must not be "
            "newer than the driver's: install the TensorRT of this JetPack, or a newer driver"
        ) from error


def _configure(trt: Any, config: Any, key: PlanKey) -> None:
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, key.workspace_bytes)
    if "no_tf32" in key.flags:
        config.clear_flag(trt.BuilderFlag.TF32)
    if "version_compatible" in key.flags:
        config.set_flag(trt.BuilderFlag.VERSION_COMPATIBLE)


def _use_timing(config: Any, timing: bytes) -> None:
    """Start from what was timed; where that is of another device or version, from nothing."""
    cache = config.create_timing_cache(timing)
    if cache is None or not config.set_timing_cache(cache, ignore_mismatch=False):
        config.set_timing_cache(config.create_timing_cache(b""), ignore_mismatch=False)


def _timed(config: Any) -> bytes:
    cache = config.get_timing_cache()
    return b"" if cache is None else bytes(cache.serialize())


def _watch(trt: Any, config: Any, what: str, tell: Progress, interruption: Interruption) -> Any:
    if not hasattr(trt, "IProgressMonitor"):
        tell(what, 0, None)
        return None
    monitor = make_monitor(trt, what, tell, interruption)
    config.progress_monitor = monitor
    return monitor
