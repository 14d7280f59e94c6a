"""Frozen: the picture stands still to the last bit of noise, while its timestamps go on."""

from __future__ import annotations

import numpy as np

from gleancam.health.hysteresis import Hysteresis
from gleancam_engines.planes import Float32Array

STILL = 0.04
"""Mean absolute difference in grey levels; live pictures at rest have 0.05 and more."""
_AFTER_S = 5.0
_PATIENT_S = 60.0
"""For cameras whose picture often stands still: strong noise reduction, an encoder that skips."""
_STANDS_S = 1.0
"""A shorter rest is no standing still: noise may happen to be low."""
_OFTEN = 0.25
_TAU_S = 60.0


class Stillness:
    """Compares each frame with the first of those it is identical to, so that drift is no rest."""

    def __init__(self) -> None:
        self._anchor: Float32Array | None = None
        self._anchor_ns = 0
        self._last_ns: int | None = None
        self._still_share = 1.0
        self._share_before = 1.0
        self._watched_s = 0.0
        self._state = Hysteresis(begin_s=0.0, end_s=0.5, samples=1)

    def look(self, luma: Float32Array, mono_ns: int) -> bool:
        """Look at the watched cells of the next frame, `(N,)` in 0…255."""
        anchor = self._anchor
        still = anchor is not None and float(np.abs(luma - anchor).mean()) < STILL
        if not still:
            self._anchor, self._anchor_ns = luma, mono_ns
            self._share_before = self._still_share
        self._learn(mono_ns, stands=(mono_ns - self._anchor_ns) / 1e9 >= _STANDS_S)
        return self._state.feed(mono_ns, evidence=self._lasts(mono_ns))

    def _lasts(self, mono_ns: int) -> bool:
        if self._state.on:
            return mono_ns > self._anchor_ns
        patience_s = _PATIENT_S if self._share_before > _OFTEN else _AFTER_S
        return (mono_ns - self._anchor_ns) / 1e9 >= patience_s

    def _learn(self, mono_ns: int, *, stands: bool) -> None:
        """Share of time in which the picture stands still, over the last minute or so."""
        last_ns, self._last_ns = self._last_ns, mono_ns
        if last_ns is None or self._state.on:
            return
        step_s = min((mono_ns - last_ns) / 1e9, _TAU_S)
        self._watched_s = min(self._watched_s + step_s, _TAU_S)
        weight = step_s / self._watched_s if self._watched_s else 1.0
        self._still_share += weight * (stands - self._still_share)
