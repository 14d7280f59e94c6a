"""How much there is to learn from a frame's labels: natural logarithms, divided by their most."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gleancam_engines.voting.label import Label


def binary_entropy(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give h(q) = -q ln q - (1 - q) ln(1 - q) in nats, element by element; 0 at 0 and 1."""
    sure = (scores <= 0) | (scores >= 1)
    q = np.where(sure, 0.5, scores)
    return np.asarray(np.where(sure, 0.0, -q * np.log(q) - (1 - q) * np.log1p(-q)))


def informativeness(labels: Sequence[Label]) -> float:
    """Give that of the most informative label, h(score) / ln 2 in 0…1; 0 without labels.

    1 is a score of 0.5. Scores are taken as they are: they are not calibrated.
    """
    scores = np.array([label.score for label in labels], np.float64)
    return float(binary_entropy(scores).max(initial=0.0)) / math.log(2)
