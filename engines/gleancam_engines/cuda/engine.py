"""An engine whose picture may be made where it is read: on the device."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy.typing as npt

from gleancam_engines.base import Engine, Tensors
from gleancam_engines.cuda.stream import Stream
from gleancam_engines.manifest import Preprocess
from gleancam_engines.pictures import NOTHING, Pictures

Fill: TypeAlias = Callable[[int, Stream], None]
"""Asks a stream for what fills the picture input, whose address on the device is given."""


class DeviceEngine(Engine):
    """An engine on a GPU, fed from the host by `infer`, or on the device."""

    @abstractmethod
    def infer_on_device(
        self, count: int, fill: Fill, more: Tensors = NOTHING
    ) -> dict[str, npt.NDArray[Any]]:
        """Run the model on `count` pictures that are made on the device.

        `fill` is called once, while the CUDA context is current, with the address of the first
        input, `(count, …)` contiguous, and the stream; `more` are the other inputs.

        Raises:
            TensorError: as `infer`, or `count` is more than the engine takes.
            DeviceError: the device failed.
        """

    @abstractmethod
    def pictures(self, spec: Preprocess) -> Pictures:
        """Return this engine with its preprocessing on the device; closing that closes this.

        Raises:
            TensorError: nothing makes its input of what `spec` says.
            DeviceError: the device failed.
        """
