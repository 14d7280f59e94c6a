"""Deterministic engines without a model: for tests, and for a daemon without weights."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from gleancam_engines.base import Engine, Provenance, Tensors, TensorSpec
from gleancam_engines.embedder import Embedder
from gleancam_engines.errors import TensorError
from gleancam_engines.manifest import Manifest, Preprocess, Tensor
from gleancam_engines.manifest_sources import FileSource, ModelFile
from gleancam_engines.pictures import HostPictures

SIDE = 32


class FakeEngine(Engine):
    """Gives every row of its batch numbers that depend on that row's bytes alone.

    Equal inputs give equal outputs in every process; different inputs give unrelated ones.
    """

    def __init__(
        self, model_id: str, inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...]
    ) -> None:
        self.provenance = Provenance(model_id, "fake", "", "cpu", "fp32", "")
        self.inputs = inputs
        self.outputs = outputs
        self._closed = False

    def _infer(self, tensors: Tensors) -> dict[str, npt.NDArray[Any]]:
        if self._closed:
            raise TensorError(f"{self.model_id}: infer after close")
        rows = tensors[self.inputs[0].name]
        return {spec.name: _answer(rows, spec) for spec in self.outputs}

    def close(self) -> None:
        """Refuse every further call; a second close does nothing."""
        self._closed = True


def fake_embedder(dim: int = 64) -> Embedder:
    """Return an embedder whose embeddings are a hash of the picture, reduced to 32 by 32."""
    manifest = _manifest(dim)
    inputs = tuple(tensor.spec() for tensor in manifest.inputs)
    outputs = tuple(tensor.spec() for tensor in manifest.outputs)
    engine = FakeEngine(manifest.model_id, inputs, outputs)
    return Embedder(HostPictures(engine, manifest.preprocess), manifest)


def _answer(rows: npt.NDArray[Any], spec: TensorSpec) -> npt.NDArray[Any]:
    answers = [_normal(row.tobytes() + spec.name.encode(), spec.shape[1:]) for row in rows]
    return np.stack(answers).astype(spec.dtype)


def _normal(seed: bytes, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    digest = hashlib.sha256(seed).digest()
    return np.random.default_rng(int.from_bytes(digest, "big")).standard_normal(shape)


def _manifest(dim: int) -> Manifest:
    weights = ModelFile("none", (FileSource("none"),), hashlib.sha256(b"fake").hexdigest(), 1)
    return Manifest(
        name="fake",
        task="embed",
        summary="hash of the picture",
        licence="Apache-2.0",
        homepage="",
        decoder="embedding",
        files=(weights,),
        inputs=(Tensor("image", "float32", (-1, 3, SIDE, SIDE)),),
        outputs=(Tensor("embedding", "float32", (-1, dim)),),
        preprocess=Preprocess(SIDE, SIDE, "squash"),
    )
