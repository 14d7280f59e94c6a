"""Whether one picture is another in a different light: lamps, a dimmer, infrared, a flash."""

from __future__ import annotations

import numpy as np

from gleancam.selectors.pooled import POOLED_SHAPE
from gleancam_engines.planes import Float32Array

_LIT = 0.8
"""Least share of variance that light must explain; other cars in the same street leave more."""
_CLIPPED = 200.0
"""Averaged cells above this are white in part, and tell nothing."""
_LEAST_CELLS = 36
_FULL = 100.0
_DOWN, _ACROSS = (
    side.ravel()
    for side in np.meshgrid(*(np.linspace(-1, 1, n) for n in POOLED_SHAPE), indexing="ij")
)
_SMOOTH = np.stack(
    [np.ones_like(_DOWN), _DOWN, _ACROSS, _DOWN**2, _DOWN * _ACROSS, _ACROSS**2], axis=1
)
"""Light varies slowly over a picture: six terms of gain, and three of glare."""


def is_relit(old: Float32Array, new: Float32Array) -> bool:
    """Whether a smooth gain and glare make one picture of the other, either way.

    Also when hardly anything is left to be compared, since one is white almost everywhere.

    Args:
        old: `(P,)`, a row of `pooled`.
        new: the same of the other picture.
    """
    seen = np.maximum(old, new) < _CLIPPED
    if seen.sum() < _LEAST_CELLS:
        return True
    smooth = _SMOOTH[seen]
    return (
        max(_explained(smooth, old[seen], new[seen]), _explained(smooth, new[seen], old[seen]))
        >= _LIT
    )


def _explained(smooth: Float32Array, old: Float32Array, new: Float32Array) -> float:
    lights = np.concatenate([smooth * (old[:, None] / _FULL), smooth[:, :3]], axis=1)
    left = new - lights @ np.linalg.lstsq(lights, new, rcond=None)[0]
    variance = float(new.var())
    return 1 - float((left**2).mean()) / variance if variance else 0.0
