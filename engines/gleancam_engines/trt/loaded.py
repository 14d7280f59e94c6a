"""A plan on the device: TensorRT's runtime, engine and execution context."""

from __future__ import annotations

from typing import Any

from gleancam_engines.errors import (
    BackendUnavailableError,
    DeviceError,
    DeviceMemoryError,
    PlanError,
)
from gleancam_engines.trt.failures import brief, is_memory
from gleancam_engines.trt.logger import process_logger
from gleancam_engines.trt.plans import discard
from gleancam_engines.trt.record import Plan


class LoadedPlan:
    """A plan that can be run, with scratch memory for its largest profile.

    Made, used and freed while the CUDA context is current.

    Args:
        trt: the `tensorrt` module.
        plan: what to load.
        name: of the model, for messages.

    Attributes:
        engine: `ICudaEngine`.
        context: `IExecutionContext`.
        interruption: what callbacks of TensorRT raised.

    Raises:
        BackendUnavailableError: TensorRT cannot use the device.
        PlanError: TensorRT does not take the plan; it is deleted.
        DeviceMemoryError: the device's memory is used up.
        DeviceError: TensorRT gives another reason.
    """

    def __init__(self, trt: Any, plan: Plan, name: str) -> None:
        self._name = name
        logger, self._errors, self.interruption = process_logger(trt)
        self._errors.clear()
        self._runtime: Any = self._make_runtime(trt, logger)
        # Such a plan brings code for the CPU; its key says that it was built on this machine.
        if plan.key.version_compatible:
            self._runtime.engine_host_code_allowed = True
        self.engine: Any = self._deserialise(plan)
        self.context: Any = self.engine.create_execution_context()
        self.interruption.reraise()
        if self.context is None:
            raise self._failure("make an execution context", self._said())

    def hold(self, succeeded: object, doing: str) -> None:
        """Hold a call of TensorRT to have returned true.

        Raises:
            DeviceMemoryError: it did not, and says that memory is used up.
            DeviceError: it did not.
        """
        self.interruption.reraise()
        if not succeeded:
            raise self._failure(doing, self._said())

    def release(self) -> None:
        """Free context, engine and runtime, in this order; a second call does nothing."""
        # The bindings free an object with its last reference.
        self.context = None
        self.engine = None
        self._runtime = None

    def _make_runtime(self, trt: Any, logger: Any) -> Any:
        try:
            return trt.Runtime(logger)
        except TypeError as error:  # the bindings' word for a runtime that could not be made
            raise BackendUnavailableError(
                f"TensorRT {trt.__version__} cannot use the device ({self._said()}); its CUDA must "
                "not be newer than the driver's: install the TensorRT of this JetPack, or a newer "
                "driver"
            ) from error

    def _deserialise(self, plan: Plan) -> Any:
        engine = self._runtime.deserialize_cuda_engine(plan.content)
        self.interruption.reraise()
        if engine is not None:
            return engine
        said = self._said()
        if is_memory(said):
            raise self._failure("load the plan", said)
        raise PlanError(
            f"{self._name}: TensorRT does not take {plan.path} ({said}); {discard(plan)}"
        )

    def _failure(self, doing: str, said: str) -> DeviceError:
        """Return why TensorRT could not."""
        if is_memory(said):
            return DeviceMemoryError(
                f"{self._name}: TensorRT cannot {doing}, the GPU's memory is used up ({said}); "
                "stop what else uses the device, or use fewer or smaller models or batches"
            )
        return DeviceError(
            f"{self._name}: TensorRT cannot {doing} ({said}); restart gleancam, and if it comes "
            "again compile the model anew or set backend = 'onnxruntime'"
        )

    def _said(self) -> str:
        """Return why TensorRT failed, once; it logs the lack of memory before its effects."""
        said = tuple(self._errors) or ("it gave no reason",)
        self._errors.clear()
        return brief(next((text for text in said if is_memory(text)), said[-1]))
