"""Confirms or drops a proposal by embeddings: a few before it against a few after."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from gleancam.selectors.luma import is_blank
from gleancam.selectors.proposal import Proposal
from gleancam.types import EmbeddedFrame
from gleancam_engines.planes import Float32Array

FRAMES_AFTER = 3
_FRAMES_BEFORE = 4
_KEPT = 128
"""Embeddings held: more than the longest transition has at 30 frames a second."""


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    mono_ns: int
    embedding: Float32Array


class Confirmer:
    """Remembers the latest embeddings of pictures that show something."""

    def __init__(self) -> None:
        self._latest: deque[_Seen] = deque(maxlen=_KEPT)

    def learn(self, embedded: EmbeddedFrame) -> None:
        """Take note of an embedding; near-black and featureless pictures give only noise."""
        if not is_blank(embedded.frame.thumbnail.luma):
            self._latest.append(_Seen(embedded.frame.mono_ns, embedded.embedding))

    def frames_after(self, proposal: Proposal) -> int:
        """How many embeddings of the new scene there are."""
        return len(self._after(proposal))

    def distance(self, proposal: Proposal) -> float | None:
        """Cosine distance across the change; None while one side has no embedding."""
        before = [seen for seen in self._latest if seen.mono_ns <= proposal.before.mono_ns]
        after = self._after(proposal)
        if not before or not after:
            return None
        return _cosine_distance(_mean(before[-_FRAMES_BEFORE:]), _mean(after[-FRAMES_AFTER:]))

    def _after(self, proposal: Proposal) -> list[_Seen]:
        return [seen for seen in self._latest if seen.mono_ns >= proposal.end.mono_ns]


def _mean(seen: list[_Seen]) -> Float32Array:
    return np.asarray(np.mean([one.embedding for one in seen], axis=0), dtype=np.float32)


def _cosine_distance(a: Float32Array, b: Float32Array) -> float:
    scale = float(np.linalg.norm(a) * np.linalg.norm(b))
    return 1 - float(a @ b) / scale if scale else 1.0
