"""Frames in, tensors out: an engine with the preprocessing its model wants."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy.typing as npt

from gleancam_engines.base import Engine, Tensors
from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import Planes
from gleancam_engines.preprocess import preprocess

NOTHING: Tensors = MappingProxyType({})


class Pictures(ABC):
    """A model that looks at frames, used by one thread at a time.

    Attributes:
        engine: what runs it; its first input is the picture.
    """

    engine: Engine

    @abstractmethod
    def infer(
        self, frames: Sequence[Planes], more: Tensors = NOTHING
    ) -> dict[str, npt.NDArray[Any]]:
        """Run the model on a batch of frames, whose sizes may differ.

        `more` are the inputs besides the picture, for the few models that have some.

        Raises:
            TensorError: as `Engine.infer`.
        """

    def close(self) -> None:
        """Free the engine; a second call does nothing."""
        self.engine.close()


class HostPictures(Pictures):
    """Preprocesses on the CPU, for an engine that takes its input from host memory."""

    def __init__(self, engine: Engine, spec: Preprocess) -> None:
        self.engine = engine
        self._spec = spec
        self._input = engine.inputs[0]

    def infer(
        self, frames: Sequence[Planes], more: Tensors = NOTHING
    ) -> dict[str, npt.NDArray[Any]]:
        """Run the model on a batch of frames; see `Pictures`."""
        tensor = preprocess(frames, self._spec).astype(self._input.dtype, copy=False)
        return self.engine.infer({self._input.name: tensor, **more})
