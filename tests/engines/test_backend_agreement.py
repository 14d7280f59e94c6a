"""OpenVINO against ONNX Runtime, on the catalogue's models and made pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gleancam_engines.detectors.loading import open_detector
from gleancam_engines.embedder import open_embedder
from gleancam_engines.errors import BackendUnavailableError
from gleancam_engines.loading import open_engine
from gleancam_engines.opening import Opening
from gleancam_engines.openvino_ import _core
from gleancam_engines.planes import Planes
from gleancam_engines.precision import Precision
from made_planes import HD, from_rgb, noise, scenery

pytestmark = pytest.mark.models

HAS_BF16 = "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


@pytest.fixture(scope="module")
def pictures() -> list[Planes]:
    return [from_rgb(scenery(360, 640, seed), HD) for seed in range(6)] + [noise(96, 128)]


@pytest.mark.parametrize(("precision", "least"), [("fp32", 0.9999), ("bf16", 0.999)])
def test_embeddings_agree(
    models_directory: Path, pictures: list[Planes], precision: Precision, least: float
) -> None:
    folder = models_directory / "tiny-vit-5m"
    if precision == "bf16" and not HAS_BF16:
        with pytest.raises(BackendUnavailableError):
            open_embedder(folder, Opening(backend="openvino", precision=precision))
        return
    # No receipt vouches for bf16 yet: whether one could is what is asked here.
    chosen = Opening(backend="openvino", threads=2, precision=precision, unverified=True)
    ours = open_embedder(folder, chosen)
    theirs = open_embedder(folder, Opening(backend="onnxruntime", threads=2))
    cosine = (ours.embed(pictures) * theirs.embed(pictures)).sum(axis=1)
    assert cosine.min() >= least
    assert ours.space_id == theirs.space_id


def test_detections_agree(models_directory: Path, pictures: list[Planes]) -> None:
    folder = models_directory / "yolox-nano"
    ours = open_detector(folder, Opening(backend="openvino", threads=2), confidence=0.02)
    theirs = open_detector(folder, Opening(backend="onnxruntime", threads=2), confidence=0.02)
    seen = 0
    for picture in pictures:
        one, other = ours.detect(picture), theirs.detect(picture)
        np.testing.assert_array_equal(one.class_id, other.class_id)
        np.testing.assert_allclose(one.xyxy, other.xyxy, atol=0.1)
        np.testing.assert_allclose(one.score, other.score, atol=1e-3)
        seen += len(one.class_id)
    assert seen > 0


def test_every_number_of_a_detector_agrees(models_directory: Path) -> None:
    """Made pictures hold few objects: the raw output says more than the boxes."""
    folder = models_directory / "yolox-nano"
    image = np.random.default_rng(3).uniform(0, 255, (1, 3, 416, 416)).astype(np.float32)
    ours, theirs = (
        open_engine(folder, Opening(backend=backend)).infer({"images": image})["output"]
        for backend in ("openvino", "onnxruntime")
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-3)
