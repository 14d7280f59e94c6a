"""Agreement of embeddings."""

from __future__ import annotations

import numpy as np

from gleancam_engines.planes import Float32Array


def cosines(one: Float32Array, other: Float32Array) -> Float32Array:
    """Return the `(N,)` cosines of `(N, D)` rows of L2 norm 1 with the same rows of the other."""
    return np.asarray(np.einsum("nd,nd->n", one, other, dtype=np.float64), np.float32)


def spread(embeddings: Float32Array) -> float:
    """Return the mean cosine distance between different rows of `(N, D)`, N above 1."""
    rows = embeddings.astype(np.float64)
    count = len(rows)
    # The sum over all pairs is the square of the sum; the pairs of a row with itself come off.
    alike = (np.square(rows.sum(axis=0)).sum() - np.square(rows).sum()) / (count * (count - 1))
    return float(1 - alike)
