"""The latest embeddings of a stream: a few before a change against a few after."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np

from gleancam.selectors.luma import is_blank
from gleancam.types import EmbeddedFrame
from gleancam_engines.planes import Float32Array

FRAMES_AFTER = 3
_FRAMES_BEFORE = 4
_KEPT = 256
"""Embeddings held: more than the longest transition has at 30 frames a second."""


class Confirmer:
    """Remembers the latest embeddings of pictures that show something."""

    def __init__(self) -> None:
        self._times_ns: list[int] = []
        self._rows: list[Float32Array] = []

    def learn(self, embedded: EmbeddedFrame) -> None:
        """Take note of an embedding; near-black and featureless pictures give only noise."""
        if is_blank(embedded.frame.thumbnail.luma):
            return
        self._times_ns.append(embedded.frame.mono_ns)
        self._rows.append(embedded.embedding)
        del self._times_ns[:-_KEPT], self._rows[:-_KEPT]

    def frames_since(self, mono_ns: int) -> int:
        """How many embeddings there are from then on."""
        return len(self._rows) - bisect_left(self._times_ns, mono_ns)

    def distance(self, before_ns: int, after_ns: int) -> float | None:
        """Cosine distance of the last few until the one time and the last few from the other on.

        None while one side has no embedding.
        """
        until = bisect_right(self._times_ns, before_ns)
        since = bisect_left(self._times_ns, after_ns)
        before = self._rows[max(until - _FRAMES_BEFORE, 0) : until]
        after = self._rows[since:][-FRAMES_AFTER:]
        if not before or not after:
            return None
        return _cosine_distance(_mean(before), _mean(after))

    def moved(self, before_ns: int) -> float:
        """Cosine distance of the latest from the last until then; 0 where either is missing."""
        until = bisect_right(self._times_ns, before_ns)
        return 1 - float(self._rows[until - 1] @ self._rows[-1]) if until else 0.0


def _mean(rows: list[Float32Array]) -> Float32Array:
    return np.asarray(np.mean(rows, axis=0), dtype=np.float32)


def _cosine_distance(a: Float32Array, b: Float32Array) -> float:
    scale = float(np.linalg.norm(a) * np.linalg.norm(b))
    return 1 - float(a @ b) / scale if scale else 1.0
