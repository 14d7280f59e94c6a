"""The name of a new scene, from the first frames of it."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np

from gleancam.selectors.confirm import FRAMES_AFTER
from gleancam.selectors.observation import Observation
from gleancam.selectors.zero_shot import UNKNOWN, ZeroShotClassifier
from gleancam.types import SceneChange
from gleancam_engines.planes import Float32Array

_REMEMBERED = 128
"""As many as confirming a change may look back on (`confirm.py`)."""


class SceneNamer:
    """Names scene changes of one camera by the mean of the first embeddings after them.

    Of a single frame a passer-by decides; and what a change was confirmed by is there already.
    Frames that show one colour have embeddings of noise and do not count.
    """

    def __init__(self, classes: ZeroShotClassifier) -> None:
        self._classes = classes
        self._latest: deque[Observation] = deque(maxlen=_REMEMBERED)

    def learn(self, observation: Observation) -> None:
        """Take note of the next embedded frame."""
        if not observation.featureless:
            self._latest.append(observation)

    def named(self, change: SceneChange) -> SceneChange:
        """Return the change with the name of the scene that begins."""
        after = [seen for seen in self._latest if seen.captured_ns >= change.ended_ns]
        return replace(change, label=self._name(after[:FRAMES_AFTER]))

    def _name(self, frames: list[Observation]) -> str:
        if not frames:
            return UNKNOWN
        mean: Float32Array = np.mean([frame.embedding for frame in frames], axis=0)
        norm = float(np.linalg.norm(mean))
        return self._classes.classify(mean / np.float32(norm)) if norm else UNKNOWN
