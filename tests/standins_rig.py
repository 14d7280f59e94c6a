"""A small model on the stand-ins, called as TensorRT's own documentation does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from made_models import DIM, SIDE, projection
from standins.install import pycuda_driver, tensorrt
from standins.machine import Machine

LARGEST = 4


class Rig:
    """The two modules, a plan for batches up to `LARGEST`, and one stream."""

    def __init__(self, trt: Any, cuda: Any, machine: Machine) -> None:
        self.trt, self.cuda, self.machine = trt, cuda, machine
        self.said: list[str] = []
        self.logger = _logger(trt, self.said)
        cuda.init()
        self.primary = cuda.Device(0).retain_primary_context()
        self.plan = b""
        self.runtime: Any = None
        self.stream: Any = None
        self.engine: Any = None
        self.context: Any = None
        self._kept: list[Any] = []

    @classmethod
    def of(
        cls,
        version: str,
        machine: Machine | None = None,
        flags: Sequence[str] = (),
        *,
        load: bool = True,
    ) -> Rig:
        """Return one with a plan, and with an engine where `load`."""
        machine = machine or Machine()
        rig = cls(tensorrt(version, machine), pycuda_driver(machine), machine)
        rig.plan = build(rig.trt, rig.logger, projection(), flags)
        rig.runtime = rig.trt.Runtime(rig.logger)
        with rig.current():
            rig.stream = rig.cuda.Stream()
            if load:
                rig.engine = rig.runtime.deserialize_cuda_engine(rig.plan)
                rig.context = rig.engine.create_execution_context()
        return rig

    @contextmanager
    def current(self) -> Iterator[None]:
        """Have the context current."""
        self.primary.push()
        try:
            yield
        finally:
            self.cuda.Context.pop()

    def pinned(self, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """Return page-locked memory."""
        array: npt.NDArray[np.float32] = self.cuda.pagelocked_empty(shape, np.float32)
        return array

    def run(self, batch: int, *, wait: bool = True) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Return an input, and where its output is or will be."""
        given, out = self.pinned((batch, 3, SIDE, SIDE)), self.pinned((batch, DIM))
        given[:] = np.random.default_rng(1).random(given.shape)
        assert self.context.set_input_shape("image", given.shape)
        for name, host in (("image", given), ("embedding", out)):
            memory = self.cuda.mem_alloc(host.nbytes)
            self._kept.append(memory)
            assert self.context.set_tensor_address(name, int(memory))
        self.cuda.memcpy_htod_async(self._kept[-2], given, self.stream)
        assert self.context.execute_async_v3(self.stream.handle)
        self.cuda.memcpy_dtoh_async(out, self._kept[-1], self.stream)
        if wait:
            self.stream.synchronize()
        self._kept += [given, out]
        return given, out

    def reference(self, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return what ONNX Runtime makes of an input."""
        session = onnxruntime.InferenceSession(projection(), providers=["CPUExecutionProvider"])
        (out,) = session.run(None, {"image": np.asarray(given)})
        return np.asarray(out)

    def close(self) -> None:
        """Free everything and assert that nothing is left."""
        with self.current():
            self.context = self.engine = self.stream = None
            while self._kept:
                held = self._kept.pop()
                owner: Any = held.base if isinstance(held, np.ndarray) else held
                owner.free()
        self.machine.check()


def build(trt: Any, logger: Any, content: bytes, flags: Sequence[str] = ()) -> bytes:
    """Return a plan of an ONNX file whose batch is free."""
    builder = trt.Builder(logger)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, logger)
    assert parser.parse(content)
    config = builder.create_builder_config()
    for flag in flags:
        config.set_flag(trt.BuilderFlag[flag])
    profile = builder.create_optimization_profile()
    rest = tuple(network.get_input(0).shape)[1:]
    profile.set_shape("image", (1, *rest), (LARGEST, *rest), (LARGEST, *rest))
    assert config.add_optimization_profile(profile) == 0
    return bytes(builder.build_serialized_network(network, config))


def plan_of(rig: Rig) -> bytes:
    """Return the plan of a rig that is not needed any more."""
    rig.close()
    return rig.plan


def _logger(trt: Any, said: list[str]) -> Any:
    class Logger(trt.ILogger):  # type: ignore[misc] # the base is known at run time only
        def __init__(self) -> None:
            trt.ILogger.__init__(self)

        def log(self, severity: Any, msg: str) -> None:
            said.append(f"{severity.name} {msg}")

    return Logger()
