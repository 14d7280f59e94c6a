"""What a trained model makes of the kernel's tensors, against those of the other ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from gleancam_engines.loading import open_engine
from gleancam_engines.manifest import Preprocess, load
from gleancam_engines.opening import Opening
from gleancam_engines.planes import Colorimetry, Matrix, Planes, Range
from gleancam_engines.preprocess import preprocess
from kernel_on_cpu import on_cpu
from kernel_reference import by_definition, of_rgb, through_rgb, through_unrounded_rgb
from made_planes import HD, from_rgb, scenery

pytestmark = pytest.mark.models
Array = npt.NDArray[np.float32]
Way = Callable[[Planes, Preprocess], Array]


class Model:
    """TinyViT behind any way to make its input."""

    def __init__(self, folder: Path) -> None:
        self.spec = load(folder).preprocess
        self._engine = open_engine(folder, Opening(backend="onnxruntime", threads=2))

    def embed(self, way: Way, frames: Sequence[Planes]) -> Array:
        tensors = np.stack([way(planes, self.spec) for planes in frames])
        rows = self._engine.infer({"input": tensors})["output"]
        embeddings: Array = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return embeddings


def cosine(embeddings: Array, others: Array) -> Array:
    """Return `(N,)`, how near the rows lie."""
    products: Array = (embeddings * others).sum(axis=1)
    return products


def kernel(planes: Planes, spec: Preprocess) -> Array:
    tensor: Array = on_cpu([planes], spec)[0]
    return tensor


def kernel_half(planes: Planes, spec: Preprocess) -> Array:
    tensor: Array = on_cpu([planes], spec, np.float16)[0].astype(np.float32)
    return tensor


def on_the_cpu(planes: Planes, spec: Preprocess) -> Array:
    tensor: Array = preprocess([planes], spec)[0]
    return tensor


@pytest.fixture(scope="module")
def model(models_directory: Path) -> Model:
    return Model(models_directory / "tiny-vit-5m")


@pytest.mark.parametrize("size", [(720, 1280), (1920, 1080), (2160, 3840)])
def test_made_frames(model: Model, size: tuple[int, int]) -> None:
    frames = [from_rgb(scenery(*size, seed), HD) for seed in range(2)]
    ours = model.embed(kernel, frames)
    assert cosine(ours, model.embed(by_definition, frames)).min() > 0.99999
    assert cosine(ours, model.embed(kernel_half, frames)).min() > 0.9999
    assert cosine(ours, model.embed(on_the_cpu, frames)).min() > 0.999
    assert cosine(ours, model.embed(through_unrounded_rgb, frames)).min() > 0.999
    # Rounding RGB to 8 bits alone moves this model as far; see engines/README.md.
    assert cosine(ours, model.embed(through_rgb, frames)).min() > 0.99


@pytest.mark.slow
@pytest.mark.evaluation
def test_photographs(model: Model, evaluation_data: Path) -> None:
    """All ways start at the same 4:2:0 picture, which OpenCV made and converts for the last."""
    frames = [_of_opencv(bgr) for bgr in photographs(evaluation_data)]
    ours = model.embed(kernel, frames)
    assert len(frames) == 76
    assert cosine(ours, model.embed(by_definition, frames)).min() > 0.99999
    assert cosine(ours, model.embed(kernel_half, frames)).min() > 0.9999
    assert cosine(ours, model.embed(on_the_cpu, frames)).min() > 0.9999
    usual = cosine(ours, model.embed(through_opencv, frames))
    assert usual.mean() > 0.999
    assert usual.min() > 0.99


@pytest.mark.slow
@pytest.mark.evaluation
def test_photographs_as_large_as_a_camera_gives(model: Model, evaluation_data: Path) -> None:
    pictures = photographs(evaluation_data)[::4]
    large = [cv2.resize(bgr, (1920, 1080), interpolation=cv2.INTER_CUBIC) for bgr in pictures]
    frames = [from_rgb(bgr[..., ::-1], HD) for bgr in large]
    ours = model.embed(kernel, frames)
    unrounded = cosine(ours, model.embed(through_unrounded_rgb, frames))
    assert len(frames) == 19
    assert unrounded.mean() > 0.999
    assert unrounded.min() > 0.997


def photographs(folder: Path) -> list[npt.NDArray[np.uint8]]:
    """Return BGR pictures, even in both sides."""
    paths = sorted((folder / "images" / "coco_val2017_76").glob("*.jpg"))
    return [_even(np.asarray(cv2.imread(str(path)), np.uint8)) for path in paths]


def _even(bgr: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    height, width = (side - side % 2 for side in bgr.shape[:2])
    return np.ascontiguousarray(bgr[:height, :width])


def _of_opencv(bgr: npt.NDArray[np.uint8]) -> Planes:
    height, width = bgr.shape[:2]
    i420 = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)
    u, v = i420[height:].reshape(2, height // 2, width // 2)
    return Planes(i420[:height], u, v, Colorimetry(Matrix.BT601, Range.LIMITED))


def through_opencv(planes: Planes, spec: Preprocess) -> Array:
    """Give every four luma samples one chroma sample, which is not interpolated."""
    whole = np.concatenate([plane.ravel() for plane in (planes.y, planes.u, planes.v)])
    i420 = whole.reshape(-1, planes.width)
    return of_rgb(np.asarray(cv2.cvtColor(i420, cv2.COLOR_YUV2RGB_I420), np.uint8), planes, spec)
