from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gleancam_engines import catalogue
from gleancam_engines.embedder import Embedder, open_embedder
from gleancam_engines.errors import ManifestError, TensorError
from gleancam_engines.fake import FakeEngine, fake_embedder
from gleancam_engines.manifest import Manifest, load
from gleancam_engines.planes import JPEG_COLORIMETRY
from made_models import DIM, SIDE, projection, write_model
from made_planes import flat, noise
from scripted_engine import looking

FRAMES = [noise(40, 60, seed=seed) for seed in range(5)]


@pytest.mark.parametrize("batch", [-1, 1, 2, 4])
def test_any_batch_of_the_model_gives_the_same_rows(tmp_path: Path, batch: int) -> None:
    free = open_embedder(write_model(tmp_path / "free", projection()))
    held = open_embedder(write_model(tmp_path / "held", projection(batch), batch))
    np.testing.assert_allclose(held.embed(FRAMES), free.embed(FRAMES), atol=1e-5)


def test_rows_have_norm_one(tmp_path: Path) -> None:
    embedder = open_embedder(write_model(tmp_path, projection()))
    rows = embedder.embed(FRAMES)
    assert rows.shape == (len(FRAMES), embedder.dim) == (5, DIM)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert embedder.embed([]).shape == (0, DIM)


def test_names_its_model_and_its_space(tmp_path: Path) -> None:
    folder = write_model(tmp_path, projection())
    embedder = open_embedder(folder)
    assert embedder.model_id == load(folder).model_id
    assert embedder.space_id == load(folder).space_id
    assert embedder.backend == "onnxruntime/cpu/fp32"


def test_a_row_of_zeros_is_an_error(tmp_path: Path) -> None:
    embedder = open_embedder(write_model(tmp_path, projection()))
    black = flat(SIDE, SIDE, (0, 128, 128), JPEG_COLORIMETRY)
    with pytest.raises(TensorError, match="all zeros"):
        embedder.embed([black])


def test_a_detector_is_no_embedder() -> None:
    manifest = load(catalogue.find("yolox-nano"))
    with pytest.raises(ManifestError, match="not for 'embed'"):
        Embedder(looking(_fake_engine(manifest), manifest), manifest)


def _fake_engine(manifest: Manifest) -> FakeEngine:
    inputs = tuple(tensor.spec() for tensor in manifest.inputs)
    return FakeEngine(manifest.model_id, inputs, tuple(one.spec() for one in manifest.outputs))


def test_the_fake_tells_pictures_apart_and_remembers_them() -> None:
    first, again = fake_embedder().embed(FRAMES), fake_embedder().embed(FRAMES)
    np.testing.assert_array_equal(first, again)
    cosine = first @ first.T
    assert np.abs(cosine - np.eye(len(FRAMES))).max() < 0.6
