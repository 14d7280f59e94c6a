"""Too little light, and too much."""

from __future__ import annotations

from gleancam.health.hysteresis import Hysteresis
from gleancam.selectors.luma import BLANK_MEAN
from gleancam_engines.planes import Float32Array

_LIT_MEAN = 32.0
_WHITE = 230.0
"""A cell this bright on average is clipped in most of its pixels: video white is 235."""
_WHITE_SHARE = 0.5
_LESS_WHITE_SHARE = 0.4


class Darkness:
    """Near-black on average, whatever little is left to see."""

    def __init__(self) -> None:
        # One frame is enough where frames are rare: a second of darkness must not be missed.
        self._state = Hysteresis(begin_s=0.5, end_s=0.5, samples=1)

    def look(self, luma: Float32Array, mono_ns: int) -> bool:
        """Look at the watched cells of the next frame, `(N,)` in 0…255."""
        dark = float(luma.mean()) < _LIT_MEAN if self._state.on else is_dark(luma)
        return self._state.feed(mono_ns, evidence=dark)


class Overexposure:
    """Half of the picture clipped to white."""

    def __init__(self) -> None:
        self._state = Hysteresis(begin_s=1.0, end_s=1.0)

    def look(self, luma: Float32Array, mono_ns: int) -> bool:
        """Look at the watched cells of the next frame, `(N,)` in 0…255."""
        white = _white_share(luma) >= _LESS_WHITE_SHARE if self._state.on else is_white(luma)
        return self._state.feed(mono_ns, evidence=white)


def is_dark(luma: Float32Array) -> bool:
    """Whether these cells are near-black on average."""
    return float(luma.mean()) < BLANK_MEAN


def is_white(luma: Float32Array) -> bool:
    """Whether half of these cells are clipped."""
    return _white_share(luma) >= _WHITE_SHARE


def _white_share(luma: Float32Array) -> float:
    return float((luma >= _WHITE).mean())
