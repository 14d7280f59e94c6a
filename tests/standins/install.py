"""Put the stand-ins where `import tensorrt` and `import pycuda.driver` find them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from gleancam_engines.cuda.context import primary_context
from standins import (
    cuda_contexts,
    cuda_events,
    cuda_functions,
    cuda_kernels,
    cuda_memory,
    trt_building,
    trt_config,
    trt_context,
    trt_running,
    trt_values,
)
from standins.cuda_errors import make_exceptions, raise_wanted
from standins.libcuda import install_driver
from standins.machine import Machine
from standins.space import Space
from standins.things import Thing
from surfaces.surface import pycuda_surface, tensorrt_surface

TENSORRT: Mapping[str, type[Thing]] = {
    "ILogger": trt_values.ILogger,
    "Logger": trt_values.Logger,
    "Dims": trt_values.Dims,
    "IHostMemory": trt_values.HostMemory,
    "IProgressMonitor": trt_values.ProgressMonitor,
    "IOutputAllocator": trt_values.OutputAllocator,
    "ITensor": trt_values.Tensor,
    "ParserError": trt_values.ParserError,
    "ITimingCache": trt_config.TimingCache,
    "IBuilderConfig": trt_config.Config,
    "IOptimizationProfile": trt_building.OptimizationProfile,
    "INetworkDefinition": trt_building.Network,
    "OnnxParser": trt_building.OnnxParser,
    "Builder": trt_building.Builder,
    "IExecutionContext": trt_context.ExecutionContext,
    "ICudaEngine": trt_running.Engine,
    "Runtime": trt_running.Runtime,
}
PYCUDA: Mapping[str, type[Thing]] = {
    "HostPointer": Thing,
    "Device": cuda_contexts.Device,
    "Context": cuda_contexts.Context,
    "DeviceAllocation": cuda_memory.DeviceAllocation,
    "PagelockedHostAllocation": cuda_memory.PagelockedHostAllocation,
    "Stream": cuda_memory.Stream,
    "Event": cuda_events.Event,
    "Module": cuda_kernels.Module,
    "Function": cuda_kernels.Function,
}


class NoFunctions(Thing):
    """TensorRT's functions are about plugins and versions of parsers."""


def tensorrt(version: str, machine: Machine) -> ModuleType:
    """Return a `tensorrt` of one of `surfaces.surface.TENSORRT_VERSIONS`."""
    surface = tensorrt_surface(version)
    space = Space("tensorrt", surface, machine)
    space.add_enumerations()
    space.add_classes(TENSORRT)
    space.add_functions(NoFunctions)
    space.module.__version__ = surface.version
    return space.module  # type: ignore[no-any-return]


def pycuda_driver(machine: Machine) -> ModuleType:
    """Return a `pycuda.driver`."""
    space = Space("pycuda.driver", pycuda_surface(), machine, integers=int)
    space.before = partial(raise_wanted, space)
    for name, kind in make_exceptions().items():
        setattr(space.module, name, kind)
    space.add_enumerations()
    space.add_classes(PYCUDA)
    space.add_functions(cuda_functions.Functions)
    return space.module  # type: ignore[no-any-return]


def install(
    monkeypatch: pytest.MonkeyPatch, version: str, machine: Machine | None = None
) -> Machine:
    """Make driver, `tensorrt` and `pycuda.driver` findable for the length of a test.

    Returns:
        The simulated device, with the recording of all calls; `check()` it at the end.
    """
    machine = machine or Machine()
    primary_context.cache_clear()  # what another test installed
    install_driver(monkeypatch, machine)
    package = ModuleType("pycuda")
    driver = pycuda_driver(machine)
    package.driver = driver  # type: ignore[attr-defined]
    package.VERSION_TEXT = pycuda_surface().version  # type: ignore[attr-defined]
    trt = tensorrt(version, machine)
    trt.__spec__ = ModuleSpec("tensorrt", None)  # find_spec, too, finds it
    monkeypatch.setitem(sys.modules, "tensorrt", trt)
    monkeypatch.setitem(sys.modules, "pycuda", package)
    monkeypatch.setitem(sys.modules, "pycuda.driver", driver)
    return machine
