"""The planes' short way to the model against the usual one: RGB at full size, Pillow, the model."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from gleancam_engines.embedder import Embedder, open_embedder
from gleancam_engines.loading import open_engine
from gleancam_engines.manifest import load
from gleancam_engines.opening import Opening
from gleancam_engines.planes import Colorimetry, Matrix, Planes, Range
from made_planes import COLORIMETRIES, from_rgb, scenery

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def folder(models_directory: Path) -> Path:
    return models_directory / "tiny-vit-5m"


@pytest.fixture(scope="module")
def embedder(folder: Path) -> Embedder:
    return open_embedder(folder, Opening(threads=2))


class Reference:
    """Embeds RGB pictures through Pillow's 8-bit path, as the model's users do."""

    def __init__(self, folder: Path) -> None:
        self._spec = load(folder).preprocess
        self._engine = open_engine(folder, Opening(threads=2))

    def embed(self, rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        size = (self._spec.width, self._spec.height)
        small = np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BICUBIC))
        scaled = (small / 255 - self._spec.mean) / self._spec.std
        tensor = np.ascontiguousarray(scaled.transpose(2, 0, 1)[np.newaxis], np.float32)
        row = self._engine.infer({"input": tensor})["output"][0]
        embedding: npt.NDArray[np.float32] = row / np.linalg.norm(row)
        return embedding


@pytest.fixture(scope="module")
def reference(folder: Path) -> Reference:
    return Reference(folder)


@pytest.mark.parametrize("colorimetry", COLORIMETRIES)
def test_made_frames(embedder: Embedder, reference: Reference, colorimetry: Colorimetry) -> None:
    pictures = [scenery(720, 1280, seed) for seed in range(4)]
    ours = embedder.embed([from_rgb(picture, colorimetry) for picture in pictures])
    theirs = np.stack([reference.embed(picture) for picture in pictures])
    cosine = (ours * theirs).sum(axis=1)
    assert cosine.mean() > 0.999
    assert cosine.min() > 0.997


@pytest.mark.slow
@pytest.mark.evaluation
def test_photographs(embedder: Embedder, reference: Reference, evaluation_data: Path) -> None:
    """Both ways start at the same 4:2:0 picture; OpenCV converts it for the reference.

    The mean is what the requirement is held against. Single pictures fall below: this model
    moves as much (mean 0.9996, least 0.995) when 8-bit rounding noise is added to its input.
    """
    photographs = sorted((evaluation_data / "images" / "coco_val2017_76").glob("*.jpg"))
    cosine = [_agreement(path, embedder, reference) for path in photographs]
    assert len(cosine) == 76
    assert np.mean(cosine) > 0.999
    assert np.min(cosine) > 0.99


def _agreement(path: Path, embedder: Embedder, reference: Reference) -> float:
    bgr = cv2.imread(str(path))
    assert bgr is not None, path
    height, width = (side - side % 2 for side in bgr.shape[:2])
    even = np.ascontiguousarray(bgr[:height, :width])
    i420 = np.asarray(cv2.cvtColor(even, cv2.COLOR_BGR2YUV_I420), np.uint8)
    u, v = i420[height:].reshape(2, height // 2, width // 2)
    planes = Planes(i420[:height], u, v, Colorimetry(Matrix.BT601, Range.LIMITED))
    rgb = np.asarray(cv2.cvtColor(i420, cv2.COLOR_YUV2RGB_I420), np.uint8)
    theirs = reference.embed(rgb)
    return float(embedder.embed([planes])[0] @ theirs)


def test_a_batch_gives_the_rows_of_single_frames(embedder: Embedder) -> None:
    frames = [from_rgb(scenery(240, 320, seed), COLORIMETRIES[0]) for seed in range(3)]
    alone = np.concatenate([embedder.embed([frame]) for frame in frames])
    np.testing.assert_allclose((embedder.embed(frames) * alone).sum(axis=1), 1, atol=1e-4)
