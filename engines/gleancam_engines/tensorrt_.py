"""TensorRT, on the GPU: a compiled plan, fed from the host or on the device."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy.typing as npt

from gleancam_engines.base import Provenance, Tensors
from gleancam_engines.cuda.context import PrimaryContext, primary_context
from gleancam_engines.cuda.engine import DeviceEngine, Fill
from gleancam_engines.cuda.pictures import CudaPictures
from gleancam_engines.cuda.stream import Stream
from gleancam_engines.errors import TensorError
from gleancam_engines.manifest import Manifest, Preprocess
from gleancam_engines.pictures import NOTHING
from gleancam_engines.precision import Precision
from gleancam_engines.trt.bindings import Bindings
from gleancam_engines.trt.library import load_tensorrt
from gleancam_engines.trt.loaded import LoadedPlan
from gleancam_engines.trt.opening import open_plan
from gleancam_engines.trt.record import Plan

_log = logging.getLogger(__name__)


class TensorRtEngine(DeviceEngine):
    """A plan on TensorRT, with one stream and memory for its largest batch.

    Whichever thread calls, one at a time, may be another than made it.

    Args:
        trt: the `tensorrt` module.
        cuda: the context of the device that the plan was built on.
        plan: what to run.
        model_id: of the model that it was built from.

    Raises:
        BackendUnavailableError: TensorRT cannot use the device.
        PlanError: TensorRT does not take the plan, and it is deleted; or it has tensors that
            cannot be fed or read.
        DeviceMemoryError: the device's memory is used up.
        DeviceError: the device or TensorRT failed.
    """

    def __init__(self, trt: Any, cuda: PrimaryContext, plan: Plan, model_id: str) -> None:
        self.provenance = Provenance(
            model_id=model_id,
            backend="tensorrt",
            library=trt.__version__,
            device=plan.key.device,
            precision=plan.key.precision,
            content_sha256=plan.sha256,
        )
        self._cuda, self._kernels = cuda, plan.kernels
        with cuda.current(f"load {model_id}"), ExitStack() as stack:
            self._stream = Stream(cuda.driver)
            stack.callback(self._stream.free)
            loaded = LoadedPlan(trt, plan, model_id)
            stack.callback(loaded.release)
            self._bindings = Bindings(trt, loaded, cuda.driver, self._stream, model_id)
            stack.callback(self._bindings.free)
            self._tell(loaded, len(plan.content))
            self._resources = stack.pop_all()
        self._closed = False
        self.inputs = self._bindings.inputs
        self.outputs = self._bindings.outputs
        self.largest_batch = self._bindings.largest_batch

    def infer_on_device(
        self, count: int, fill: Fill, more: Tensors = NOTHING
    ) -> dict[str, npt.NDArray[Any]]:
        """Run the model on pictures that are made on the device; see `DeviceEngine`."""
        self._check("input", self.inputs[1:], more)
        return self._checked(self._run(count, more, fill))

    def pictures(self, spec: Preprocess) -> CudaPictures:
        """Return this engine with its preprocessing on the device; see `DeviceEngine`."""
        return CudaPictures(self, self._cuda, spec, self._kernels)

    def _infer(self, tensors: Tensors) -> dict[str, npt.NDArray[Any]]:
        return self._run(len(tensors[self.inputs[0].name]), tensors, _nothing)

    def _run(self, batch: int, tensors: Tensors, fill: Fill) -> dict[str, npt.NDArray[Any]]:
        if self._closed:
            raise TensorError(f"{self.model_id}: infer after close")
        with self._cuda.current(f"run {self.model_id}"):
            try:
                self._bindings.aim(batch)
                self._bindings.upload(tensors)
                fill(self._bindings.address(self.inputs[0].name), self._stream)
                self._bindings.run()
            finally:
                # Whatever failed, the device writes to nothing when this returns.
                self._stream.wait()
            return self._bindings.results()

    def close(self) -> None:
        """Free context, engine, memory and stream; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        with self._cuda.current(f"close {self.model_id}"):
            self._resources.close()

    def _tell(self, loaded: LoadedPlan, plan_bytes: int) -> None:
        """Log what the engine takes of the device's memory."""
        tensors, scratch = self._bindings.size_bytes, loaded.engine.device_memory_size_v2
        free, total = self._cuda.driver.mem_get_info()
        _log.info(
            "%s: of the GPU's memory about %d MiB for weights, %d for scratch, %d for tensors; "
            "%d of %d MiB are free",
            self.model_id,
            *(size >> 20 for size in (plan_bytes, scratch, tensors, free, total)),
        )


def open_tensorrt(
    directory: Path, manifest: Manifest, *, precision: Precision, batches: Sequence[int]
) -> TensorRtEngine:
    """Open the plan of a model directory that was compiled for this device.

    Args:
        directory: the model's.
        manifest: of that directory.
        precision: what the plan computes in.
        batches: sizes of batches that it was compiled for.

    Raises:
        BackendUnavailableError: no driver, no device, no TensorRT or pycuda, or another version.
        PlanError: it was not compiled, or was damaged or another's and is deleted.
        EngineError: as `TensorRtEngine`.
    """
    trt, cuda = load_tensorrt(), primary_context()
    plan = open_plan(directory, precision=precision, batches=batches)
    return TensorRtEngine(trt, cuda, plan, manifest.model_id)


def _nothing(_address: int, _stream: Stream) -> None:
    """Fill the picture input with what was uploaded."""
