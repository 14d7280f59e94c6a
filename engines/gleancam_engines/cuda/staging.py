"""Frames on their way to the device: one copy for a whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gleancam_engines.cuda.memory import MirroredMemory
from gleancam_engines.cuda.stream import Stream
from gleancam_engines.errors import TensorError
from gleancam_engines.kernels.layout import FRAME, describe
from gleancam_engines.kernels.memory import i420, i420_bytes
from gleancam_engines.manifest import Preprocess
from gleancam_engines.planes import Planes

LARGEST_BYTES = 256 << 20
"""Twenty frames of 4K. A batch that needs more is refused: on a Jetson this memory is taken twice
from what the whole system has."""

_ALIGNMENT = 256


class Staging:
    """Page-locked memory, and its image on the device, for the planes of one batch.

    It grows when a larger batch comes, and never shrinks. Used while the CUDA context is current,
    by one thread at a time, which waits for the stream before it stages the next batch.

    Args:
        driver: the module `pycuda.driver`.
        largest_bytes: what it may grow to.
    """

    def __init__(self, driver: Any, largest_bytes: int = LARGEST_BYTES) -> None:
        self._driver = driver
        self._largest_bytes = largest_bytes
        self._memory: MirroredMemory | None = None

    def upload(self, frames: Sequence[Planes], spec: Preprocess, stream: Stream) -> int:
        """Ask for frames to be copied to the device, and return where their `FRAME`s lie there.

        Raises:
            TensorError: they are larger than what is allowed.
        """
        starts = _starts(frames)
        memory = self._reserve(starts[-1])
        described = [
            i420(planes, memory.address + start)
            for planes, start in zip(frames, starts, strict=False)
        ]
        memory.view((len(frames),), FRAME)[:] = describe(described, spec)
        for planes, start in zip(frames, starts, strict=False):
            _copy(planes, memory, start)
        stream.upload(memory.address, memory.view((starts[-1],), np.uint8))
        return memory.address

    def free(self) -> None:
        """Give the memory back; the next batch takes it anew."""
        memory, self._memory = self._memory, None
        if memory is not None:
            memory.free()

    def _reserve(self, size_bytes: int) -> MirroredMemory:
        if size_bytes > self._largest_bytes:
            raise TensorError(
                f"a batch of frames takes {size_bytes >> 20} MiB, but at most "
                f"{self._largest_bytes >> 20} are staged for the GPU; give fewer or smaller "
                "frames at once"
            )
        if self._memory is None or self._memory.size_bytes < size_bytes:
            self.free()  # first, so that the two never add up
            self._memory = MirroredMemory(self._driver, size_bytes)
        return self._memory


def _starts(frames: Sequence[Planes]) -> list[int]:
    """Return where each frame starts behind the descriptions, and at last the end of all."""
    starts = [_aligned(len(frames) * FRAME.itemsize)]
    for planes in frames:
        starts.append(_aligned(starts[-1] + i420_bytes(planes.width, planes.height)))
    return starts


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNMENT) * _ALIGNMENT


def _copy(planes: Planes, memory: MirroredMemory, start: int) -> None:
    """Write Y, Cb and Cr one after the other, without padding."""
    for plane in (planes.y, planes.u, planes.v):
        memory.view(plane.shape, np.uint8, start)[:] = plane
        start += plane.size
