"""Embeddings on the wire: binary16, little-endian, base64."""

from __future__ import annotations

import base64
import binascii

import numpy as np

from gleancam.wire.error import WireError
from gleancam.wire.sample_data import EmbeddingData
from gleancam_engines.planes import Float32Array

NORM_TOLERANCE = 2e-3
"""1e-3 of the embedder and the rounding to eleven significant bits."""


def embedding_data(embedding: Float32Array, space_id: str) -> EmbeddingData:
    """Return `(D,)` float32 as it is sent; each value is rounded to binary16."""
    text = base64.b64encode(embedding.astype("<f2").tobytes()).decode("ascii")
    return EmbeddingData(space_id=space_id, dim=len(embedding), dtype="f16", base64=text)


def embedding_vector(data: EmbeddingData) -> Float32Array:
    """Return the `(dim,)` float32 embedding of a manifest.

    Raises:
        WireError: no base64, another length, or a norm outside 1 ± `NORM_TOLERANCE`.
    """
    try:
        raw = base64.b64decode(data.base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise WireError(f"embedding is no base64: {error}") from error
    if len(raw) != data.dim * 2:
        raise WireError(f"embedding has {len(raw)} bytes, but dim {data.dim} needs {data.dim * 2}")
    vector = np.frombuffer(raw, "<f2").astype(np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        norm = float(np.linalg.norm(vector))
    if not abs(norm - 1) <= NORM_TOLERANCE:
        raise WireError(f"embedding must have norm 1 ± {NORM_TOLERANCE}, but has {norm:.4f}")
    return vector
