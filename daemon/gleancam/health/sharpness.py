"""How sharp a picture is, and whether that is less than the camera's own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam.health.hysteresis import Hysteresis
from gleancam.mask import BoolArray
from gleancam_engines.planes import UInt8Array

_SAMPLES = 32_768
"""Pixels looked at, each way: enough for a percentile, cheap at any resolution."""
_STRONGEST = 99.0
"""Percentile that stands for the strongest edges."""
_ACROSS = 8
"""Pixels over which an edge has its full height, sharp or not."""
_LEAST_EDGE = 12.0
"""Without an edge this high there is nothing to be sharp."""

_BLURRED = 0.5
_SHARP = 0.7
_TAU_S = 300.0
_FIRST_S = 5.0
"""How soon a camera's sharpness is known, at first."""


class Focus:
    """Blurred: for a while half as sharp as the camera is used to.

    A camera that was never sharp is not blurred; one that dirt dulls over hours is not either.
    """

    def __init__(self) -> None:
        self._usual: float | None = None
        self._watched_s = _FIRST_S
        self._last_ns = 0
        self._state = Hysteresis(begin_s=1.0, end_s=1.0)

    def look(self, value: float | None, mono_ns: int) -> bool:
        """Look at the sharpness of the next frame; None where it has none to tell."""
        if value is None:
            return self._state.on
        usual = value if self._usual is None else self._usual
        dull = value < usual * (_SHARP if self._state.on else _BLURRED)
        if not dull and not self._state.on:
            self._learn(value, usual, mono_ns)
        self._last_ns = mono_ns
        return self._state.feed(mono_ns, evidence=dull)

    def _learn(self, value: float, usual: float, mono_ns: int) -> None:
        step_s = min((mono_ns - self._last_ns) / 1e9, _FIRST_S)
        self._watched_s = min(self._watched_s + step_s, _TAU_S)
        self._usual = usual + step_s / self._watched_s * (value - usual)


def sharpness(y: UInt8Array, watched: BoolArray) -> float | None:
    """Bend of the strongest edges as a share of their height, over a sample of lines.

    The second difference between neighbours against the first difference across eight pixels: a
    matter of focus alone, since light and contrast scale both.

    Args:
        y: `(H, W)` uint8.
        watched: thumbnail-shaped bool, True where to look.

    Returns:
        About 1 for edges one pixel wide, 0.05 for those of eight; None without edges.
    """
    pairs = [_along_lines(y, watched), _along_lines(y.T, watched.T)]
    bend, height = np.sum([pair for pair in pairs if pair is not None] or [(0, 0)], axis=0)
    return float(bend / height) if height >= _LEAST_EDGE * len(pairs) else None


def _along_lines(y: UInt8Array, watched: BoolArray) -> tuple[float, float] | None:
    """Bend and height of the strongest edges across a sample of rows; None where none is long."""
    rows = np.arange(0, y.shape[0], -(-y.size // _SAMPLES))
    lines = y[rows].astype(np.int16)
    seen = _seen(watched, rows, y.shape)
    bends = np.abs(lines[:, :-2] - 2 * lines[:, 1:-1] + lines[:, 2:])
    heights = np.abs(lines[:, _ACROSS:] - lines[:, :-_ACROSS])
    if seen is not None:
        bends, heights = bends[seen[:, 1:-1]], heights[seen[:, _ACROSS:] & seen[:, :-_ACROSS]]
    if not bends.size or not heights.size:
        return None
    return float(np.percentile(bends, _STRONGEST)), float(np.percentile(heights, _STRONGEST))


def _seen(
    watched: BoolArray, rows: npt.NDArray[np.intp], shape: tuple[int, ...]
) -> BoolArray | None:
    """The watched pixels of these rows; None where all are."""
    if watched.all():
        return None
    columns = np.arange(shape[1])
    cells = rows * watched.shape[0] // shape[0], columns * watched.shape[1] // shape[1]
    seen: BoolArray = watched[cells[0][:, None], cells[1][None, :]]
    return seen
