"""The flicker of a picture in which nothing happens, learnt from all pictures."""

from __future__ import annotations

from collections import deque

import numpy as np

_WINDOW = 256
_QUIET_SHARE = 0.25
"""Even a busy camera has a quarter of its frame pairs at rest."""
_REFRESH = 16
"""How many new differences before the quantile is taken anew."""


class NoiseFloor:
    """A low quantile of the differences between consecutive frames.

    Args:
        ceiling: the floor is never put above this. Where everything always moves, the quiet
            quarter is motion, and must not pass for noise.
    """

    def __init__(self, ceiling: float) -> None:
        self._ceiling = ceiling
        self._recent: deque[float] = deque(maxlen=_WINDOW)
        self._since = 0
        self.level = 0.0

    def learn(self, difference: float) -> None:
        """Take note of the difference between two consecutive frames."""
        self._recent.append(difference)
        self._since += 1
        if self._since >= _REFRESH:
            self._since = 0
            quantile = float(np.quantile(np.asarray(self._recent), _QUIET_SHARE))
            self.level = min(quantile, self._ceiling)
