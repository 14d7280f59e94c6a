"""The batch that an execution context is set to: its profile and the shapes of its inputs."""

from __future__ import annotations

from collections.abc import Callable

from gleancam_engines.base import TensorSpec
from gleancam_engines.cuda.stream import Stream
from gleancam_engines.errors import TensorError
from gleancam_engines.trt.loaded import LoadedPlan
from gleancam_engines.trt.profiles import choose
from gleancam_engines.trt.tensors import read_profiles


class Batches:
    """Sets a plan to the batch that comes, with the profile that is tuned to it.

    Used while the CUDA context is current.

    Args:
        loaded: the plan.
        inputs: its inputs.
        stream: on which it is run.
        name: of the model, for messages.

    Attributes:
        largest: the most pictures the plan takes.
    """

    def __init__(
        self, loaded: LoadedPlan, inputs: tuple[TensorSpec, ...], stream: Stream, name: str
    ) -> None:
        self._loaded, self._stream, self._name = loaded, stream, name
        self._free = tuple(spec for spec in inputs if -1 in spec.shape)
        self._profiles = read_profiles(loaded.engine, inputs)
        self._profile, self._size = 0, 0
        self.largest = self._profiles[0].largest

    def aim(self, size: int, bind: Callable[[], None]) -> None:
        """Set profile and shapes; `bind` sets all addresses anew after a change of profile.

        Raises:
            TensorError: the plan takes no such batch.
            DeviceError: TensorRT refuses.
        """
        profile = self._choose(size)
        if (profile, size) == (self._profile, self._size):
            return
        self._size = 0  # until it is done
        if profile != self._profile:
            self._switch(profile, bind)
        self._set_shapes(size)
        self._size = size

    def _choose(self, size: int) -> int:
        smallest = self._profiles[0].smallest
        if smallest <= size <= self.largest:
            return choose(self._profiles, size)
        raise TensorError(
            f"{self._name}: its plan takes batches of {smallest} to {self.largest}, but got "
            f"{size}; give fewer pictures at once, or compile it for larger batches (--batch)"
        )

    def _switch(self, profile: int, bind: Callable[[], None]) -> None:
        context, hold = self._loaded.context, self._loaded.hold
        self._profile = -1  # until it is done
        done = context.set_optimization_profile_async(profile, self._stream.handle)
        hold(done, f"take profile {profile}")
        bind()
        self._profile = profile

    def _set_shapes(self, size: int) -> None:
        context, hold = self._loaded.context, self._loaded.hold
        for spec in self._free:
            shape = (size, *spec.shape[1:])
            hold(context.set_input_shape(spec.name, shape), f"take {spec.name!r} as {shape}")
