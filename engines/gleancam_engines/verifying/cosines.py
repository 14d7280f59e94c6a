"""Agreement of embeddings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gleancam_engines.planes import Float32Array


def cosines(one: Float32Array, other: Float32Array) -> npt.NDArray[np.float64]:
    """Return the `(N,)` float64 cosines of `(N, D)` rows with the same rows of the other."""
    first, second = one.astype(np.float64), other.astype(np.float64)
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return np.asarray(np.minimum((first * second).sum(axis=1) / lengths, 1))


def spread(embeddings: Float32Array) -> float:
    """Return the mean cosine distance between different rows of `(N, D)`, N above 1."""
    rows = embeddings.astype(np.float64)
    count = len(rows)
    # The sum over all pairs is the square of the sum; the pairs of a row with itself come off.
    alike = (np.square(rows.sum(axis=0)).sum() - np.square(rows).sum()) / (count * (count - 1))
    return float(1 - alike)
