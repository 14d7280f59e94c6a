"""What a camera's embeddings do while nothing happens: the noise floor."""

from __future__ import annotations

from collections import deque

import numpy as np

from gleancam.selectors.luma import difference, gain_matched
from gleancam.types import EmbeddedFrame
from gleancam_engines.planes import Float32Array

_WINDOW = 512
_ENOUGH = 30
"""Idle pairs before anything is said: five minutes of a quiet camera at one look in ten seconds."""
_REFRESH = 16
_QUANTILE = 0.99


class IdleFloor:
    """The 99th percentile of the distances between embeddings of unchanged pictures.

    Two embedded frames that follow each other count when their thumbnails differ by no more than
    `still`, gain matched. The latest 512 pairs are remembered.

    Args:
        still: grey levels of mean difference up to which nothing happened.
        least: the floor until 30 pairs were seen, and below which it never goes.
    """

    def __init__(self, still: float, least: float) -> None:
        self._still = still
        self._least = least
        self._recent: deque[float] = deque(maxlen=_WINDOW)
        self._previous: tuple[Float32Array, Float32Array] | None = None
        self._since = 0
        self.level = least

    def learn(self, embedded: EmbeddedFrame) -> None:
        """Take note of an embedded frame."""
        luma, embedding = embedded.frame.thumbnail.luma, embedded.embedding
        previous, self._previous = self._previous, (luma, embedding)
        if previous is None or not self._is_still(previous[0], luma):
            return
        self._recent.append(float(1 - previous[1] @ embedding))
        self._since += 1
        if len(self._recent) >= _ENOUGH and self._since >= _REFRESH:
            self._since = 0
            learnt = float(np.quantile(np.asarray(self._recent), _QUANTILE))
            self.level = max(learnt, self._least)

    def _is_still(self, before: Float32Array, now: Float32Array) -> bool:
        return difference(gain_matched(now, before), before) <= self._still
