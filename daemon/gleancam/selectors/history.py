"""The latest pictures of a stream, each as a row of 144 numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque

import numpy as np

from gleancam.selectors.pooled import POOLED_SHAPE, pooled
from gleancam.selectors.proposal import Moment
from gleancam.types import Thumbnail
from gleancam_engines.planes import Float32Array

_NEAREST_NS = 30_000_000
"""Pictures that follow one another faster than 33 a second are thinned out."""

_NONE = np.empty((0, POOLED_SHAPE[0] * POOLED_SHAPE[1]), np.float32)


class History:
    """Pictures of the last `longest_s` seconds, blank ones too."""

    def __init__(self, longest_s: float) -> None:
        self._longest_ns = round(longest_s * 1e9)
        self._moments: deque[Moment] = deque()
        self._rows: deque[Float32Array] = deque()

    def append(self, thumbnail: Thumbnail) -> None:
        """Add the latest; those that have grown too old go."""
        if self._moments and thumbnail.mono_ns - self._moments[-1].mono_ns < _NEAREST_NS:
            return
        self._moments.append(Moment.of(thumbnail))
        self._rows.append(pooled(thumbnail.luma))
        while thumbnail.mono_ns - self._moments[0].mono_ns > self._longest_ns:
            self._moments.popleft()
            self._rows.popleft()

    def since(self, mono_ns: int) -> tuple[list[Moment], Float32Array]:
        """Give the moments from then on, and `(N, 144)` float32, oldest first."""
        first = bisect_left(self._moments, mono_ns, key=lambda moment: moment.mono_ns)
        moments = [self._moments[at] for at in range(first, len(self._moments))]
        rows = [self._rows[at] for at in range(first, len(self._rows))]
        return moments, np.stack(rows) if rows else _NONE
