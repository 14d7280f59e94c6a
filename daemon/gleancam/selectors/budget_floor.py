"""What a camera's embeddings do while nothing happens: the noise floor."""

from __future__ import annotations

from collections import deque

import numpy as np

from gleancam.selectors.observation import Observation
from gleancam_engines.planes import Float32Array

_WINDOW = 512
_ENOUGH = 30
"""Idle pairs before anything is said: five minutes of a quiet camera at one look in ten seconds."""
_REFRESH = 16
_QUANTILE = 0.99


class IdleFloor:
    """The 99th percentile of the distances between embeddings of unchanged pictures.

    Two embedded frames that follow each other count when the second is `still`. The latest 512
    pairs are remembered.

    Args:
        least: the floor until 30 pairs were seen, and below which it never goes.
    """

    def __init__(self, least: float) -> None:
        self._least = least
        self._recent: deque[float] = deque(maxlen=_WINDOW)
        self._previous: Float32Array | None = None
        self._since = 0
        self.level = least

    def learn(self, observation: Observation) -> None:
        """Take note of an embedded frame."""
        previous, self._previous = self._previous, observation.embedding
        if previous is None or not observation.still:
            return
        self._recent.append(float(1 - previous @ observation.embedding))
        self._since += 1
        if len(self._recent) >= _ENOUGH and self._since >= _REFRESH:
            self._since = 0
            learnt = float(np.quantile(np.asarray(self._recent), _QUANTILE))
            self.level = max(learnt, self._least)
