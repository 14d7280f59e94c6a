"""Frames to points in an embedding space."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gleancam_engines.errors import ManifestError, TensorError
from gleancam_engines.loading import open_pictures
from gleancam_engines.manifest import Manifest, load
from gleancam_engines.opening import DEFAULT, Opening
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Float32Array, Planes


class Embedder:
    """An embedding model with its preprocessing, used by one thread at a time.

    Attributes:
        model_id: `name@sha256[:12]`.
        space_id: names the space; embeddings of two spaces are never compared.
        backend: what runs the model.
        dim: length of an embedding.

    Raises:
        ManifestError: the manifest is not that of an embedder.
    """

    def __init__(self, pictures: Pictures, manifest: Manifest) -> None:
        if manifest.task != "embed":
            raise ManifestError(
                f"{manifest.name} is a model for {manifest.task!r}, not for 'embed'; "
                "choose an embedder (see 'gleancam models list')"
            )
        engine = pictures.engine
        self._pictures = pictures
        self._batch = engine.inputs[0].shape[0]
        self._largest_batch = engine.largest_batch
        self._output = engine.outputs[0]
        self.model_id = engine.model_id
        self.backend = engine.backend
        self.space_id = manifest.space_id
        self.dim = self._output.shape[-1]

    def embed(self, frames: Sequence[Planes]) -> Float32Array:
        """Return `(N, dim)` float32 rows of L2 norm 1, one for each frame.

        Raises:
            TensorError: the model gave NaN, infinity, or a row of zeros.
        """
        step = self._batch if self._batch > 0 else self._largest_batch or max(len(frames), 1)
        parts = [self._infer(frames[at : at + step]) for at in range(0, len(frames), step)]
        return np.concatenate(parts) if parts else np.empty((0, self.dim), np.float32)

    def close(self) -> None:
        """Free the engine; a second call does nothing."""
        self._pictures.close()

    def _infer(self, frames: Sequence[Planes]) -> Float32Array:
        """Embed at most one batch of the engine; a fixed batch is filled up with its last frame."""
        missing = max(self._batch - len(frames), 0)
        raw = self._pictures.infer([*frames, *[frames[-1]] * missing])[self._output.name]
        return _unit(raw[: len(frames)].astype(np.float32), self.model_id)


def open_embedder(directory: Path, opening: Opening = DEFAULT) -> Embedder:
    """Open the embedder whose model directory this is.

    Raises:
        ManifestError: the manifest is missing, wrong, or not that of an embedder.
        ModelFileError: the model file is missing, has another hash, or is no model.
        BackendUnavailableError: the backend cannot run here.
    """
    manifest = load(directory)
    return Embedder(open_pictures(directory, manifest, opening), manifest)


def _unit(rows: Float32Array, model_id: str) -> Float32Array:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (norms > 0).all():
        raise TensorError(f"{model_id}: an embedding is all zeros; the model file may be damaged")
    return np.asarray(rows / norms, np.float32)
