"""A deterministic source: made-up pictures as fast as they are taken, and failures on demand."""

from __future__ import annotations

import time

import numpy as np

from gleancam.errors import SourceError
from gleancam.sources.base import Outlet
from gleancam.stage import Pulse
from gleancam_engines.planes import Colorimetry, Matrix, Planes, Range

_COLORIMETRY = Colorimetry(Matrix.BT601, Range.LIMITED)


class FakeSource:
    """Gives grey pictures, one shade brighter each, then ends as the script says.

    Every run takes the next line of the script: how many pictures, and the error raised after
    them, or None to return. After the last line, runs wait for the stop.
    """

    def __init__(
        self,
        script: tuple[tuple[int, SourceError | None], ...],
        size: tuple[int, int] = (48, 64),
    ) -> None:
        """Make a source of pictures of `size` rows and columns."""
        self._script = list(script)
        self._size = size
        self.runs = 0

    def run(self, outlet: Outlet, pulse: Pulse) -> None:
        """Follow one line of the script.

        Raises:
            SourceError: the script's.
        """
        self.runs += 1
        if not self._script:
            while not pulse.sleep(60):
                pass
            return
        count, error = self._script.pop(0)
        for index in range(count):
            if pulse.stopping:
                return
            _show(grey(16 + index % 220, self._size), outlet)
        if error is not None:
            raise error


def grey(luma: int, size: tuple[int, int]) -> Planes:
    """Make writable planes of one shade, `size` rows and columns."""
    rows, columns = size
    half = ((rows + 1) // 2, (columns + 1) // 2)
    u, v = (np.full(half, 128, np.uint8) for _ in "uv")
    return Planes(np.full(size, luma, np.uint8), u, v, _COLORIMETRY)


def _show(planes: Planes, outlet: Outlet) -> None:
    now = (time.time_ns(), time.monotonic_ns())
    outlet.produced()
    outlet.glimpse(planes, *now)
    outlet.picture(planes, *now)
