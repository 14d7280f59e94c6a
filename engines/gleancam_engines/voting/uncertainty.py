"""How unsure a score is, and a committee of scores: in nats."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def binary_entropy(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give h(q) = -q ln q - (1 - q) ln(1 - q) in nats, element by element; 0 at 0 and 1."""
    sure = (scores <= 0) | (scores >= 1)
    q = np.where(sure, 0.5, scores)
    return np.asarray(np.where(sure, 0.0, -q * np.log(q) - (1 - q) * np.log1p(-q)))
