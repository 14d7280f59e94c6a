"""What every detector does, the fake included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gleancam_engines.base import Tensors
from gleancam_engines.detectors.base import Detector
from gleancam_engines.detectors.fake import FakeDetector
from gleancam_engines.detectors.loading import DECODERS as DETECTORS
from gleancam_engines.detectors.loading import open_detector
from gleancam_engines.fetching import convert
from gleancam_engines.manifest import Manifest
from gleancam_engines.planes import Planes
from made_outputs import DECODERS, SHAPES, Decoder, made_manifest, made_outputs, scripted
from made_planes import COLORIMETRIES, HD, flat, from_rgb, noise, scenery
from scripted_engine import Scripted, looking

SIZES = [(1, 1), (2, 300), (241, 321), (416, 416), (720, 1280)]
needs_converter = pytest.mark.skipif(
    not convert.runs_here(), reason="picodet-416 is converted, and the converter is x86-64 only"
)


@pytest.fixture(
    scope="module",
    params=[
        "fake",
        *DECODERS,
        *(f"{name} in batches" for name in DECODERS),
        pytest.param("yolox-nano", marks=pytest.mark.models),
        pytest.param("picodet-416", marks=[pytest.mark.models, needs_converter]),
    ],
)
def detector(request: pytest.FixtureRequest, models_directory: Path) -> Iterator[Detector]:
    if request.param == "fake":
        opened: Detector = FakeDetector()
    elif request.param.endswith(" in batches"):
        opened = made_batched(request.param.partition(" ")[0])
    elif request.param in DECODERS:
        opened = made(request.param)
    else:
        opened = open_detector(models_directory / request.param, confidence=0.05)
    yield opened
    opened.close()
    opened.close()


def made(decoder: Decoder) -> Detector:
    """Return a detector whose model says the same of every picture."""
    manifest = made_manifest(decoder)
    engine = scripted(manifest, {**made_outputs(decoder, seed=1)})
    return DETECTORS[decoder](engine, manifest, 0.05)


def made_batched(decoder: Decoder) -> Detector:
    """Return a detector whose model takes any number of pictures and knows them apart by light."""
    shapes = {role: (-1, *shape[1:]) for role, shape in SHAPES[decoder].items()}
    manifest = made_manifest(decoder, shapes=shapes, batch=-1)
    return DETECTORS[decoder](looking(ByLight(manifest, decoder), manifest), manifest, 0.05)


class ByLight(Scripted):
    """Gives each picture of a batch other outputs, by its mean."""

    def __init__(self, manifest: Manifest, decoder: Decoder) -> None:
        super().__init__(manifest, {})
        self._decoder = decoder
        self.sizes: list[int] = []

    def _infer(self, tensors: Tensors) -> dict[str, npt.NDArray[Any]]:
        pictures = tensors["image"]
        self.sizes.append(len(pictures))
        each = [made_outputs(self._decoder, int(one.mean() * 1000)) for one in pictures]
        return {f"out_{role}": np.concatenate([one[role] for one in each]) for role in each[0]}


def pictures() -> list[Planes]:
    drawn = [from_rgb(scenery(*size, seed=3), HD) for size in SIZES if min(size) > 9]
    return [*drawn, *(noise(*size) for size in SIZES)]


def test_names_itself_and_its_classes(detector: Detector) -> None:
    assert len(detector.model_id.split("@")[1]) == 12
    assert len(set(detector.class_names)) == len(detector.class_names) > 1


def test_boxes_lie_in_the_picture_best_first(detector: Detector) -> None:
    for planes in pictures():
        seen = detector.detect(planes)
        assert seen.model_id == detector.model_id
        assert seen.class_names == detector.class_names
        assert (seen.xyxy >= 0).all()
        assert (seen.xyxy <= [planes.width, planes.height] * 2).all()
        assert (seen.xyxy[:, 2:] > seen.xyxy[:, :2]).all()
        assert (np.diff(seen.score) <= 0).all()


def test_same_picture_same_boxes(detector: Detector) -> None:
    planes = from_rgb(scenery(240, 320), COLORIMETRIES[0])
    first, again = detector.detect(planes), detector.detect(planes)
    np.testing.assert_array_equal(first.xyxy, again.xyxy)
    np.testing.assert_array_equal(first.score, again.score)
    np.testing.assert_array_equal(first.class_id, again.class_id)


def test_pictures_of_any_size_are_looked_at_together_and_kept_apart(detector: Detector) -> None:
    together = detector.detect_all(pictures())
    assert detector.batch >= 1
    for seen, planes in zip(together, pictures(), strict=True):
        alone = detector.detect(planes)
        assert len(seen) == len(alone)
        # Sums are taken in another order in another batch.
        np.testing.assert_allclose(seen.xyxy, alone.xyxy, rtol=1e-3, atol=0.05)
        np.testing.assert_allclose(seen.score, alone.score, atol=1e-3)
    assert detector.detect_all([]) == []


def test_leaves_the_picture_alone(detector: Detector) -> None:
    planes = flat(48, 64, (90, 120, 130), HD).read_only()
    detector.detect(planes)
    assert (planes.y == 90).all()


def test_no_more_pictures_at_once_than_the_plan_takes() -> None:
    shapes = {role: (-1, *shape[1:]) for role, shape in SHAPES["yolov8"].items()}
    manifest = made_manifest("yolov8", shapes=shapes, batch=-1)
    engine = ByLight(manifest, "yolov8")
    engine.largest_batch = 3
    detector = DETECTORS["yolov8"](looking(engine, manifest), manifest, 0.05)
    assert detector.batch == 3
    assert len(detector.detect_all(pictures()[:7])) == 7
    assert engine.sizes == [3, 3, 1]
